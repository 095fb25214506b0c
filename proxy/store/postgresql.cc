#include "store/postgresql.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace weir::proxy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned int kInt8 = 20;  // the type's number in every PostgreSQL
constexpr int kBinary = 1;

// Two locks of the database, named by numbers. The first is the writers' turn; the second keeps the
// version still: shared by whoever acts on it, alone for whoever moves it.
constexpr const char* kTakeTurn = "SELECT pg_advisory_xact_lock(1466264946, 1)";
constexpr const char* kHoldVersion = "SELECT pg_advisory_xact_lock_shared(1466264946, 2)";
constexpr const char* kMoveVersion = "SELECT pg_advisory_xact_lock(1466264946, 2)";

/// The cause in words an operator can act on, by SQLSTATE.
std::string cause(std::string_view state) {
  const std::string_view group = state.substr(0, 2);
  if (state == "53100") return "the disk of the token store is full; free some space";
  if (state == "25006") return "the token store is read-only; name the primary server";
  if (state == "55P03" || state == "40P01") {
    return "the token store is locked by another process; try again";
  }
  if (state == "57014") return "the token store took too long; try again";
  if (state == "25P03") return "the token store gave up waiting for this change; try again";
  if (group == "28") return "the token store refuses the user or the password of `store.url`";
  if (group == "3D") return "the database of the token store does not exist; create it";
  if (state == "42501") {
    return "the user of the token store may not do this; make it the owner of the database";
  }
  if (group == "08" || group == "57" || group == "53") {
    return "the token store cannot be reached; try again";
  }
  return "the token store failed";
}

std::string one_line(const char* text) {
  std::string line(text == nullptr ? "" : text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

/// Our SQL has no question mark but those of values.
std::string numbered(std::string_view sql) {
  std::string text;
  int number = 0;
  for (const char c : sql) {
    if (c == '?') {
      text += '$' + std::to_string(++number);
    } else {
      text += c;
    }
  }
  return text;
}

std::string big_endian(std::int64_t value) {
  std::string bytes(8, '\0');
  for (std::size_t at = 8; at-- > 0; value >>= 8) {
    bytes[at] = static_cast<char>(value & 0xff);
  }
  return bytes;
}

class PostgresqlStatement final : public Statement {
 public:
  PostgresqlStatement(PostgresqlConnection& db, std::string_view sql)
      : db_(db), sql_(numbered(sql)) {}

  Statement& bind(std::int64_t value) override { return add(big_endian(value), kInt8, false); }
  Statement& bind(std::string_view text) override { return add(std::string(text), 0, false); }
  Statement& bind_blob(std::string_view bytes) override { return bind(bytes); }
  Statement& bind_null() override { return add({}, 0, true); }

  bool step() override {
    if (!result_) {
      result_ = db_.run(sql_, values_);
    }
    return ++row_ < PQntuples(result_.get());
  }
  std::int64_t run() override {
    if (!result_) {
      result_ = db_.run(sql_, values_);
    }
    return std::atoll(PQcmdTuples(result_.get()));
  }

  bool is_null(int column) const override { return PQgetisnull(result_.get(), row_, column) != 0; }
  std::int64_t integer(int column) const override {
    const std::string_view bytes = view(column);
    if (bytes.empty()) {
      return 0;
    }
    std::int64_t value = (bytes.front() & 0x80) != 0 ? -1 : 0;
    for (const char byte : bytes) {
      value = static_cast<std::int64_t>((static_cast<std::uint64_t>(value) << 8U) |
                                        static_cast<unsigned char>(byte));
    }
    return value;
  }
  std::string text(int column) const override { return std::string(view(column)); }

 private:
  Statement& add(std::string bytes, unsigned int type, bool null) {
    values_.bytes.push_back(std::move(bytes));
    values_.types.push_back(type);
    values_.nulls.push_back(null ? 1 : 0);
    return *this;
  }
  std::string_view view(int column) const {
    return {PQgetvalue(result_.get(), row_, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
  }

  PostgresqlConnection& db_;
  std::string sql_;
  PostgresqlConnection::Values values_;
  PostgresqlConnection::Result result_;
  int row_ = -1;
};

/// False when the time is over.
bool wait_for(int fd, short events, Clock::time_point deadline) {
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    struct pollfd item {
      fd, events, 0
    };
    const int ready = ::poll(&item, 1, static_cast<int>(std::min<long>(left + 1, 60000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // libpq tells what is wrong
  }
}

using Parsed = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

std::string value_of(const PQconninfoOption* options, std::string_view key) {
  for (; options->keyword != nullptr; ++options) {
    if (key == options->keyword && options->val != nullptr) return options->val;
  }
  return {};
}

bool on_this_machine(const std::string& host) {
  return host.empty() || host.front() == '/' || host == "localhost" || host == "127.0.0.1" ||
         host == "::1";
}

}  // namespace

void PostgresqlConnection::ResultDeleter::operator()(pg_result* result) const noexcept {
  PQclear(result);
}

PostgresqlConnection::PostgresqlConnection(std::string url, Millis timeout)
    : url_(std::move(url)), timeout_(timeout) {}

PostgresqlConnection::~PostgresqlConnection() { PQfinish(connection_); }

void PostgresqlConnection::lose(const std::string& why) {
  PQfinish(std::exchange(connection_, nullptr));
  throw StoreError("the token store cannot be reached; try again (" + why + ")");
}

void PostgresqlConnection::require() const {
  if (connection_ == nullptr || !open_) {
    throw StoreError("the token store cannot be reached; try again (the connection was lost)");
  }
}

void PostgresqlConnection::connect() {
  PQfinish(std::exchange(connection_, nullptr));
  ++connectings_;
  const std::string bound = std::to_string(timeout_.count());
  // What stands before `dbname` can be said otherwise in the URL. A standby would refuse every
  // change; a peer that is gone must not be waited for longer than for an answer.
  const std::array<const char*, 8> keys = {
      "application_name",     "client_encoding",  "connect_timeout", "keepalives_idle",
      "target_session_attrs", "tcp_user_timeout", "dbname",          nullptr};
  const std::array<const char*, 8> values = {"weir",       "UTF8",        "5",          "10",
                                             "read-write", bound.c_str(), url_.c_str(), nullptr};
  const auto deadline = Clock::now() + timeout_;
  connection_ = PQconnectStartParams(keys.data(), values.data(), 1);
  if (connection_ == nullptr) throw std::bad_alloc();
  auto state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (PQstatus(connection_) == CONNECTION_BAD || state == PGRES_POLLING_FAILED) {
      lose(one_line(PQerrorMessage(connection_)));
    }
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!wait_for(PQsocket(connection_), events, deadline)) {
      lose("no connection within " + std::to_string(timeout_.count()) + " ms");
    }
    state = PQconnectPoll(connection_);
  }
  PQsetnonblocking(connection_, 1);
  PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
  set_up_session();
}

void PostgresqlConnection::set_up_session() {
  // A transaction that was begun by a process that stands still holds up the others no longer than
  // this. A commit is answered when it is on the disk.
  const std::string half = std::to_string(std::max<long>(timeout_.count() / 2, 1));
  const std::string sql =
      "SET statement_timeout = " + std::to_string(timeout_.count()) +
      "; SET lock_timeout = " + half +
      "; SET idle_in_transaction_session_timeout = " + std::to_string(2 * timeout_.count()) +
      "; SELECT set_config('synchronous_commit', 'on', false) WHERE "
      "current_setting('synchronous_commit') = 'off'";
  simple(sql.c_str());
}

// What was sent runs to its end here.
PostgresqlConnection::Result PostgresqlConnection::finish_statement() {
  // The server gives up first; then the connection can be kept.
  const auto deadline = Clock::now() + timeout_ + timeout_ / 4;
  const std::string late = "no answer within " + std::to_string(timeout_.count()) + " ms";
  while (true) {
    const int pending = PQflush(connection_);
    if (pending < 0) lose(one_line(PQerrorMessage(connection_)));
    if (pending == 0) break;
    if (!wait_for(PQsocket(connection_), POLLIN | POLLOUT, deadline)) lose(late);
    if (PQconsumeInput(connection_) == 0) lose(one_line(PQerrorMessage(connection_)));
  }
  Result kept;
  while (true) {
    while (PQisBusy(connection_) != 0) {
      if (!wait_for(PQsocket(connection_), POLLIN, deadline)) lose(late);
      if (PQconsumeInput(connection_) == 0) lose(one_line(PQerrorMessage(connection_)));
    }
    Result next(PQgetResult(connection_));
    if (!next) break;
    // The first error counts, else the last result.
    if (!kept || PQresultStatus(kept.get()) != PGRES_FATAL_ERROR) kept = std::move(next);
  }
  if (!kept) lose("no result");
  return kept;
}

void PostgresqlConnection::check(const pg_result* result) {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  // The primary message alone: details may show values of rows.
  const std::string detail = one_line(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
  if (PQstatus(connection_) == CONNECTION_BAD) {
    lose(detail.empty() ? one_line(PQerrorMessage(connection_)) : detail);
  }
  throw StoreError(cause(state == nullptr ? "" : state) + " (" + detail + ")");
}

PostgresqlConnection::Result PostgresqlConnection::simple(const char* sql) {
  if (PQsendQuery(connection_, sql) == 0) lose(one_line(PQerrorMessage(connection_)));
  Result result = finish_statement();
  check(result.get());
  return result;
}

PostgresqlConnection::Result PostgresqlConnection::run(const std::string& sql,
                                                       const Values& values) {
  require();
  const std::size_t count = values.bytes.size();
  std::vector<const char*> pointers(count);
  std::vector<int> lengths(count);
  const std::vector<int> formats(count, kBinary);
  for (std::size_t at = 0; at < count; ++at) {
    pointers[at] = values.nulls[at] != 0 ? nullptr : values.bytes[at].data();
    lengths[at] = static_cast<int>(values.bytes[at].size());
  }
  if (PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(count), values.types.data(),
                        pointers.data(), lengths.data(), formats.data(), kBinary) == 0) {
    lose(one_line(PQerrorMessage(connection_)));
  }
  Result result = finish_statement();
  check(result.get());
  return result;
}

void PostgresqlConnection::begin(const char* sql) {
  if (connection_ != nullptr) {
    try {
      simple(sql);
      open_ = true;
      return;
    } catch (const StoreError&) {
      // The server was started anew since the last time, say; nothing was begun.
      if (connection_ != nullptr) throw;
    }
  }
  connect();
  simple(sql);
  open_ = true;
}

void PostgresqlConnection::begin_read() {
  begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

void PostgresqlConnection::begin_write() {
  // Each statement sees what was committed before it, and with the turn nobody else commits.
  begin("BEGIN ISOLATION LEVEL READ COMMITTED");
  try {
    simple(kTakeTurn);
  } catch (...) {
    roll_back();
    throw;
  }
}

void PostgresqlConnection::begin_beside(bool shared) {
  begin("BEGIN ISOLATION LEVEL READ COMMITTED");
  try {
    simple(shared ? kHoldVersion : kMoveVersion);
  } catch (...) {
    roll_back();
    throw;
  }
}

void PostgresqlConnection::commit_by(const char* sql) {
  require();
  const auto unknown = [](const std::string& why) {
    return StoreOutcomeUnknown(
        "the connection to the token store was lost while the change was being stored; whether it "
        "was carried out is not known: read it again (" +
        why + ")");
  };
  Result result;
  try {
    if (PQsendQuery(connection_, sql) == 0) lose("not sent");
    result = finish_statement();
  } catch (const StoreError& error) {
    throw unknown(error.what());
  }
  if (PQstatus(connection_) == CONNECTION_BAD) {
    const std::string why = one_line(PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY));
    PQfinish(std::exchange(connection_, nullptr));
    throw unknown(why);
  }
  check(result.get());
  open_ = false;
  // A transaction that failed before is answered with the success of undoing it.
  if (std::strcmp(PQcmdStatus(result.get()), "COMMIT") != 0) {
    throw StoreError("the token store undid the change");
  }
}

void PostgresqlConnection::commit() { commit_by("COMMIT"); }

void PostgresqlConnection::commit_new_version() {
  // In one message: a process that stands still halfway would keep everybody's leases from being
  // renewed.
  static const std::string sql = std::string(kMoveVersion) +
                                 "; UPDATE change_version SET version = version + 1; SELECT "
                                 "pg_notify('weir_changes', ''); COMMIT";
  commit_by(sql.c_str());
}

void PostgresqlConnection::roll_back() noexcept {
  if (!std::exchange(open_, false) || connection_ == nullptr) return;
  try {
    simple("ROLLBACK");
  } catch (...) {  // with the connection goes the transaction
    PQfinish(std::exchange(connection_, nullptr));
  }
}

std::unique_ptr<Statement> PostgresqlConnection::prepare(std::string_view sql) {
  return std::make_unique<PostgresqlStatement>(*this, sql);
}

void PostgresqlConnection::execute(const char* sql) {
  require();
  simple(sql);
}

void PostgresqlConnection::wait(int wake, Millis time) {
  const auto deadline = Clock::now() + time;
  while (true) {
    bool told = false;
    while (connection_ != nullptr) {
      PGnotify* notice = PQnotifies(connection_);
      if (notice == nullptr) break;
      PQfreemem(notice);
      told = true;
    }
    const auto left = std::chrono::duration_cast<Millis>(deadline - Clock::now()).count();
    if (told || left <= 0) return;
    std::array<pollfd, 2> items = {
        pollfd{wake, POLLIN, 0},
        pollfd{connection_ == nullptr ? -1 : PQsocket(connection_), POLLIN, 0}};
    if (::poll(items.data(), items.size(), static_cast<int>(left) + 1) < 0) continue;
    if (items[0].revents != 0) return;
    if (items[1].revents != 0 && PQconsumeInput(connection_) == 0) {
      lose(one_line(PQerrorMessage(connection_)));
    }
  }
}

std::string check_postgresql_url(const std::string& url) {
  char* message = nullptr;
  const Parsed options(PQconninfoParse(url.c_str(), &message), &PQconninfoFree);
  // libpq's message may repeat the part it does not understand, and that may be the password.
  PQfreemem(message);
  if (!options) {
    return "the PostgreSQL URL cannot be read; write `postgresql://user@host:port/database`, and "
           "special characters of the password as `%40`";
  }
  const std::string host = value_of(options.get(), "host");
  if (!on_this_machine(host) && url.find("sslmode=") == std::string::npos) {
    return "the PostgreSQL URL names another machine: say how it is reached, "
           "`?sslmode=verify-full&sslrootcert=FILE`, or `?sslmode=disable` if nobody else is on "
           "the network between";
  }
  return {};
}

std::string postgresql_name(const std::string& url) {
  const Parsed options(PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree);
  if (!options) return "postgresql:";
  const std::string port = value_of(options.get(), "port");
  return "postgresql://" + value_of(options.get(), "host") + (port.empty() ? "" : ":" + port) +
         "/" + value_of(options.get(), "dbname");
}

}  // namespace weir::proxy
