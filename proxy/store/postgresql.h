// A thin RAII over libpq: a connection that never waits without a deadline, connects again after it
// was lost, and its statements; every failure a StoreError with a text for people that holds
// nothing of the password.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/sql.h"

struct pg_conn;
struct pg_result;

namespace weir::proxy {

/// Connects when first used. A transaction whose connection is lost is undone; the next begin_*
/// connects again.
class PostgresqlConnection final : public Connection {
 public:
  using Millis = std::chrono::milliseconds;

  /// REQUIRES: check_postgresql_url(url) is empty. `timeout` bounds each connecting and each
  /// statement, and with it every wait for another transaction.
  PostgresqlConnection(std::string url, Millis timeout);
  ~PostgresqlConnection() override;
  PostgresqlConnection(const PostgresqlConnection&) = delete;
  PostgresqlConnection& operator=(const PostgresqlConnection&) = delete;

  void begin_read() override;
  void begin_write() override;
  void commit() override;
  void commit_new_version() override;
  void roll_back() noexcept override;
  std::unique_ptr<Statement> prepare(std::string_view sql) override;
  void execute(const char* sql) override;

  /// A transaction without the writers' turn, for what touches no row of theirs. It sees the
  /// version stand still (`shared`), or makes it stand still for everybody else (not `shared`).
  void begin_beside(bool shared);

  /// Waits until somebody notifies what this connection listens to, `wake` (a file descriptor) can
  /// be read, or the time is over. Throws StoreError if the connection is lost meanwhile.
  /// REQUIRES: no transaction is open.
  void wait(int wake, Millis time);

  /// How often it has connected; what was said to an earlier connection has to be said again.
  std::uint64_t connectings() const noexcept { return connectings_; }

  struct ResultDeleter {
    void operator()(pg_result* result) const noexcept;
  };
  using Result = std::unique_ptr<pg_result, ResultDeleter>;

  /// The values of one statement in the wire's form. A type of 0 is the column's own.
  struct Values {
    std::vector<std::string> bytes;
    std::vector<unsigned int> types;
    std::vector<char> nulls;
  };
  /// REQUIRES: a transaction is open. Throws StoreError.
  Result run(const std::string& sql, const Values& values);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  void connect();
  void set_up_session();
  void begin(const char* sql);
  [[noreturn]] void lose(const std::string& why);
  void require() const;
  Result finish_statement();
  Result simple(const char* sql);
  void check(const pg_result* result);
  void commit_by(const char* sql);

  std::string url_;
  Millis timeout_;
  pg_conn* connection_ = nullptr;
  bool open_ = false;  // a transaction
  std::uint64_t connectings_ = 0;
};

/// What is wrong with the URL; empty if nothing is. Repeats none of it.
std::string check_postgresql_url(const std::string& url);

/// Host and database, without user, password and parameters.
std::string postgresql_name(const std::string& url);

}  // namespace weir::proxy
