// A thin RAII over SQLite: a connection and its statements, every failure a StoreError with a text
// for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace weir::proxy {

/// A prepared statement in use. Reset when it goes, so that no read stays open by accident.
class Statement {
 public:
  Statement(sqlite3* db, sqlite3_stmt* prepared) noexcept : db_(db), prepared_(prepared) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Parameters in order of appearance. Bytes are copied.
  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind_blob(std::string_view bytes);
  Statement& bind(const std::optional<std::int64_t>& value);

  /// True while there is a row to read.
  bool step();
  /// Runs to the end.
  void run();

  std::int64_t integer(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  std::string text(int column) const;  // also blobs

 private:
  void check(int code) const;
  sqlite3* db_;
  sqlite3_stmt* prepared_;
  int next_ = 1;
};

/// One connection; one thread at a time. Statements are prepared once per distinct SQL text.
class Connection {
 public:
  explicit Connection(const std::string& path);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// REQUIRES: no other Statement of the same text is in use. `sql` outlives the connection (a
  /// literal).
  Statement prepare(std::string_view sql);
  void execute(const char* sql);
  std::int64_t last_id() const noexcept;
  int changed_rows() const noexcept;
  bool in_transaction() const noexcept;

 private:
  void close() noexcept;
  sqlite3* db_ = nullptr;
  std::unordered_map<std::string_view, sqlite3_stmt*> prepared_;
};

}  // namespace weir::proxy
