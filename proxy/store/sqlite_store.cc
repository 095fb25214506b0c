#include "store/sqlite_store.h"

#include <mutex>

#include "store/migrations.h"
#include "store/sql_transaction.h"
#include "store/sqlite.h"

namespace weir::proxy {
namespace {

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(const std::string& path) : db_(path) { migrate_sqlite(db_); }

  std::unique_ptr<Transaction> begin_read() override { return begin(SqlTransaction::Kind::kRead); }
  std::unique_ptr<Transaction> begin_write() override {
    return begin(SqlTransaction::Kind::kWrite);
  }

 private:
  std::unique_ptr<Transaction> begin(SqlTransaction::Kind kind) {
    return std::make_unique<SqlTransaction>(db_, std::unique_lock(mutex_), kind);
  }

  std::mutex mutex_;
  SqliteConnection db_;
};

}  // namespace

std::unique_ptr<Store> open_sqlite_store(const std::string& path) {
  return std::make_unique<SqliteStore>(path);
}

}  // namespace weir::proxy
