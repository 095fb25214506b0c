// What two SQL databases have in common, as far as the store needs it: a connection that runs one
// transaction at a time, and statements with `?` for their values. The drivers are sqlite.h and
// postgresql.h; everything above knows neither.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"

namespace weir::proxy {

/// A statement in use: its values first, then its rows. Every failure is a StoreError.
class Statement {
 public:
  virtual ~Statement() = default;

  /// Values in the order of the question marks. Bytes are copied. A column's own type says whether
  /// bytes are text.
  virtual Statement& bind(std::int64_t value) = 0;
  virtual Statement& bind(std::string_view text) = 0;
  virtual Statement& bind_blob(std::string_view bytes) = 0;
  virtual Statement& bind_null() = 0;
  Statement& bind(const std::string& text) { return bind(std::string_view(text)); }
  Statement& bind(const std::optional<std::int64_t>& value) {
    return value ? bind(*value) : bind_null();
  }
  Statement& bind(const std::optional<std::string>& text) {
    return text ? bind(std::string_view(*text)) : bind_null();
  }

  /// True while there is a row to read.
  virtual bool step() = 0;
  /// Runs to the end; returns how many rows a change touched.
  virtual std::int64_t run() = 0;

  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string text(int column) const = 0;  // also bytes; empty for null

  std::optional<std::int64_t> optional_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
  std::optional<std::string> optional_text(int column) const {
    return is_null(column) ? std::nullopt : std::optional(text(column));
  }
};

/// One thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;

  /// REQUIRES: no transaction is open. A write transaction waits until it is the only one.
  virtual void begin_read() = 0;
  virtual void begin_write() = 0;
  /// Throws StoreOutcomeUnknown if the connection was lost on the way.
  virtual void commit() = 0;
  /// The same, and the version moves with it. Other processes that look at the version in order to
  /// act on it do so before or after, and who listens is told.
  virtual void commit_new_version() = 0;
  /// Never fails: what is not committed is undone, at the latest by the database itself.
  virtual void roll_back() noexcept = 0;

  /// REQUIRES: no other Statement of the same text is in use.
  virtual std::unique_ptr<Statement> prepare(std::string_view sql) = 0;
  /// One or more statements without values and rows.
  virtual void execute(const char* sql) = 0;
};

}  // namespace weir::proxy
