#include "store/postgresql_store.h"

#include <mutex>

#include "store/migrations.h"
#include "store/postgresql.h"
#include "store/sql_transaction.h"

namespace weir::proxy {
namespace {

/// Reading has a connection of its own, so that it never waits for a change that is under way.
class PostgresqlStore final : public Store {
 public:
  PostgresqlStore(const std::string& url, std::chrono::milliseconds timeout)
      : reading_(url, timeout), writing_(url, timeout) {
    migrate_postgresql(writing_.db);
  }

  std::unique_ptr<Transaction> begin_read() override {
    return reading_.begin(SqlTransaction::Kind::kRead);
  }
  std::unique_ptr<Transaction> begin_write() override {
    return writing_.begin(SqlTransaction::Kind::kWrite);
  }

 private:
  struct Line {
    Line(const std::string& url, std::chrono::milliseconds timeout) : db(url, timeout) {}
    std::unique_ptr<Transaction> begin(SqlTransaction::Kind kind) {
      return std::make_unique<SqlTransaction>(db, std::unique_lock(mutex), kind);
    }
    std::mutex mutex;
    PostgresqlConnection db;
  };
  Line reading_;
  Line writing_;
};

}  // namespace

std::unique_ptr<Store> open_postgresql_store(const std::string& url,
                                             std::chrono::milliseconds timeout) {
  return std::make_unique<PostgresqlStore>(url, timeout);
}

}  // namespace weir::proxy
