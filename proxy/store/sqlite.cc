#include "store/sqlite.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>

namespace weir::proxy {
namespace {

constexpr int kBusyMilliseconds = 2000;

/// The cause in words an operator can act on; SQLite's own text follows for the search engine.
std::string explain(sqlite3* db, int code) {
  std::string text;
  switch (code & 0xff) {
    case SQLITE_FULL:
      text = "the disk of the token store is full; free some space";
      break;
    case SQLITE_READONLY:
      text = "the token store is read-only; make its file and folder writable";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      text = "the token store is locked by another process; try again";
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      text = "the token store is corrupt; restore it from a backup";
      break;
    case SQLITE_CANTOPEN:
      text = "the token store cannot be opened; check its path and who may write there";
      break;
    case SQLITE_IOERR:
      text = "the disk of the token store failed or is full";
      break;
    default:
      text = "the token store failed";
  }
  const char* detail = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  return text + " (" + detail + ")";
}

[[noreturn]] void fail(sqlite3* db, int code) { throw StoreError(explain(db, code)); }

/// Reset when it goes, so that no read stays open by accident.
class SqliteStatement final : public Statement {
 public:
  SqliteStatement(sqlite3* db, sqlite3_stmt* prepared) noexcept : db_(db), prepared_(prepared) {}
  ~SqliteStatement() override {
    sqlite3_reset(prepared_);
    sqlite3_clear_bindings(prepared_);
  }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  Statement& bind(std::int64_t value) override {
    return checked(sqlite3_bind_int64(prepared_, next_++, value));
  }
  Statement& bind(std::string_view text) override {
    // A null pointer would bind NULL, and an empty view may have one.
    return checked(sqlite3_bind_text64(prepared_, next_++, text.empty() ? "" : text.data(),
                                       text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  }
  Statement& bind_blob(std::string_view bytes) override {
    return checked(sqlite3_bind_blob64(prepared_, next_++, bytes.empty() ? "" : bytes.data(),
                                       bytes.size(), SQLITE_TRANSIENT));
  }
  Statement& bind_null() override { return checked(sqlite3_bind_null(prepared_, next_++)); }

  bool step() override {
    const int code = sqlite3_step(prepared_);
    if (code == SQLITE_ROW) {
      return true;
    }
    if (code != SQLITE_DONE) {
      fail(db_, code);
    }
    return false;
  }
  std::int64_t run() override {
    while (step()) {
    }
    return sqlite3_changes(db_);
  }

  bool is_null(int column) const override {
    return sqlite3_column_type(prepared_, column) == SQLITE_NULL;
  }
  std::int64_t integer(int column) const override {
    return sqlite3_column_int64(prepared_, column);
  }
  std::string text(int column) const override {
    const void* bytes = sqlite3_column_blob(prepared_, column);
    const int size = sqlite3_column_bytes(prepared_, column);
    return bytes == nullptr
               ? std::string()
               : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }

 private:
  Statement& checked(int code) {
    if (code != SQLITE_OK) {
      fail(db_, code);
    }
    return *this;
  }

  sqlite3* db_;
  sqlite3_stmt* prepared_;
  int next_ = 1;
};

}  // namespace

SqliteConnection::SqliteConnection(const std::string& path) {
  // Nobody else's to read, although the secrets in it are encrypted: names and filters are not.
  // SQLite gives its side files the mode of the main file.
  const mode_t old_mask = ::umask(077);
  const int code = sqlite3_open_v2(
      path.c_str(), &db_,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  ::umask(old_mask);
  try {
    if (code != SQLITE_OK) {
      fail(db_, code);
    }
    sqlite3_busy_timeout(db_, kBusyMilliseconds);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_limit(db_, SQLITE_LIMIT_ATTACHED, 0);
    // FULL: in WAL mode only this makes a commit survive a power cut, and an answered change must
    // not be lost.
    execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA "
        "secure_delete=ON;");
  } catch (...) {
    close();
    throw;
  }
}

SqliteConnection::~SqliteConnection() { close(); }

void SqliteConnection::close() noexcept {
  for (const auto& [sql, statement] : prepared_) {
    sqlite3_finalize(statement);
  }
  prepared_.clear();
  sqlite3_close(db_);
  db_ = nullptr;
}

void SqliteConnection::begin_read() { execute("BEGIN"); }

void SqliteConnection::begin_write() { execute("BEGIN IMMEDIATE"); }

void SqliteConnection::commit() {
  // After an error SQLite may have rolled back by itself; a COMMIT would then report the wrong
  // thing.
  if (!in_transaction()) {
    throw StoreError("the token store undid the change");
  }
  execute("COMMIT");
}

void SqliteConnection::commit_new_version() {
  // One process has the file, and it hears of its own changes.
  execute("UPDATE change_version SET version = version + 1");
  commit();
}

void SqliteConnection::roll_back() noexcept {
  // Some errors (a full disk) have rolled back already. If this fails, nothing was committed
  // either way.
  if (in_transaction()) {
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

std::unique_ptr<Statement> SqliteConnection::prepare(std::string_view sql) {
  auto found = prepared_.find(sql);
  if (found == prepared_.end()) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
      fail(db_, code);
    }
    found = prepared_.emplace(std::string(sql), statement).first;
  }
  return std::make_unique<SqliteStatement>(db_, found->second);
}

void SqliteConnection::execute(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    fail(db_, code);
  }
}

bool SqliteConnection::in_transaction() const noexcept { return sqlite3_get_autocommit(db_) == 0; }

}  // namespace weir::proxy
