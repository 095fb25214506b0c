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

}  // namespace

Statement::~Statement() {
  sqlite3_reset(prepared_);
  sqlite3_clear_bindings(prepared_);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) {
    fail(db_, code);
  }
}

Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(prepared_, next_++, value));
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  // A null pointer would bind NULL, and an empty view may have one.
  check(sqlite3_bind_text64(prepared_, next_++, text.empty() ? "" : text.data(), text.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
  check(sqlite3_bind_blob64(prepared_, next_++, bytes.empty() ? "" : bytes.data(), bytes.size(),
                            SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind(const std::optional<std::int64_t>& value) {
  if (value) {
    return bind(*value);
  }
  check(sqlite3_bind_null(prepared_, next_++));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(prepared_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code != SQLITE_DONE) {
    fail(db_, code);
  }
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(prepared_, column);
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (sqlite3_column_type(prepared_, column) == SQLITE_NULL) {
    return std::nullopt;
  }
  return integer(column);
}

std::string Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(prepared_, column);
  const int size = sqlite3_column_bytes(prepared_, column);
  return bytes == nullptr
             ? std::string()
             : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

Connection::Connection(const std::string& path) {
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

Connection::~Connection() { close(); }

void Connection::close() noexcept {
  for (const auto& [sql, statement] : prepared_) {
    sqlite3_finalize(statement);
  }
  prepared_.clear();
  sqlite3_close(db_);
  db_ = nullptr;
}

Statement Connection::prepare(std::string_view sql) {
  auto found = prepared_.find(sql);
  if (found == prepared_.end()) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
      fail(db_, code);
    }
    found = prepared_.emplace(sql, statement).first;
  }
  return {db_, found->second};
}

void Connection::execute(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    fail(db_, code);
  }
}

std::int64_t Connection::last_id() const noexcept { return sqlite3_last_insert_rowid(db_); }

int Connection::changed_rows() const noexcept { return sqlite3_changes(db_); }

bool Connection::in_transaction() const noexcept { return sqlite3_get_autocommit(db_) == 0; }

}  // namespace weir::proxy
