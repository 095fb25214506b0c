// A thin RAII over SQLite: a connection and its statements, every failure a StoreError with a text
// for people.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "store/sql.h"

struct sqlite3;
struct sqlite3_stmt;

namespace weir::proxy {

/// Statements are prepared once per distinct SQL text.
class SqliteConnection final : public Connection {
 public:
  /// Opens or creates the file. Its owner alone may read it.
  explicit SqliteConnection(const std::string& path);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  void begin_read() override;
  void begin_write() override;
  void commit() override;
  void commit_new_version() override;
  void roll_back() noexcept override;
  std::unique_ptr<Statement> prepare(std::string_view sql) override;
  void execute(const char* sql) override;

 private:
  bool in_transaction() const noexcept;
  void close() noexcept;
  sqlite3* db_ = nullptr;
  std::map<std::string, sqlite3_stmt*, std::less<>> prepared_;
};

}  // namespace weir::proxy
