#include "store/postgresql_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "proxy/postgresql_server.h"
#include "proxy/relay.h"
#include "store/postgresql.h"

namespace weir::proxy {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// ctest gives the tests of this name their server.
class PostgreSqlStoreTest : public ::testing::Test {
 protected:
  PostgreSqlStoreTest() {
    const std::string port = std::to_string(PostgresqlServer::instance().port());
    relayed_.replace(relayed_.find(":" + port + "/"), port.size() + 2,
                     ":" + std::to_string(relay_.port()) + "/");
    store_ = open_store(relayed_, milliseconds(1000));
    auto work = store_->begin_write();
    work->put_account({"a", {"*"}});
    work->commit();
  }

  static std::int32_t add_token(Transaction& work, int n) {
    TokenRow row;
    row.account = "a";
    row.name = "n";
    row.digest.bytes[0] = static_cast<std::uint8_t>(n);
    return work.insert_token(row);
  }
  std::string sql(const std::string& text) { return PostgresqlServer::run_sql(url_, text); }

  static std::string error_of(const std::function<void()>& work) {
    try {
      work();
      return "";
    } catch (const StoreOutcomeUnknown& error) {
      return std::string("unknown: ") + error.what();
    } catch (const StoreError& error) {
      return error.what();
    }
  }

  std::string url_ = PostgresqlServer::instance().new_database();
  Relay relay_{PostgresqlServer::instance().port()};
  std::string relayed_ = url_;
  std::unique_ptr<Store> store_;
};

TEST_F(PostgreSqlStoreTest, IdsEndWhereThePublishedTypeEnds) {
  sql("ALTER TABLE tokens ALTER COLUMN id RESTART WITH 2147483647");
  auto work = store_->begin_write();
  EXPECT_EQ(add_token(*work, 1), 2147483647);
  work->commit();
  work.reset();
  EXPECT_THROW(add_token(*store_->begin_write(), 2), StoreError);
  EXPECT_EQ(store_->begin_read()->count_tokens("a"), 1U);
}

TEST_F(PostgreSqlStoreTest, AnIdThatWasUndoneIsNotGivenAgain) {
  const std::int32_t undone = add_token(*store_->begin_write(), 1);
  auto work = store_->begin_write();
  EXPECT_GT(add_token(*work, 1), undone);
}

TEST_F(PostgreSqlStoreTest, ALostConnectionIsMadeAgain) {
  const std::string end_all =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'weir' AND "
      "datname = current_database()";
  sql(end_all);
  EXPECT_EQ(store_->begin_read()->count_tokens("a"), 0U);
  auto work = store_->begin_write();
  add_token(*work, 1);
  sql(end_all + " AND state = 'idle in transaction'");
  EXPECT_THAT(error_of([&] { work->count_tokens("a"); }), HasSubstr("cannot be reached"));
  EXPECT_THAT(error_of([&] { work->count_tokens("a"); }), HasSubstr("cannot be reached"))
      << "the transaction is not continued on another connection";
  EXPECT_THROW(work->commit(), StoreError);
  work.reset();
  EXPECT_EQ(store_->begin_read()->count_tokens("a"), 0U);
  work = store_->begin_write();
  add_token(*work, 2);
  work->commit();
}

TEST_F(PostgreSqlStoreTest, ACommitThatIsCutOffIsCalledUnknown) {
  for (const Relay::Cut how : {Relay::Cut::kBefore, Relay::Cut::kAfter, Relay::Cut::kSilent}) {
    sql("DELETE FROM tokens");
    const std::string before = sql("SELECT version FROM change_version");
    auto work = store_->begin_write();
    add_token(*work, 1);
    relay_.cut(how, "COMMIT");
    EXPECT_THAT(error_of([&] { work->commit(); }),
                AllOf(HasSubstr("unknown: "), HasSubstr("is not known: read it again")));
    work.reset();
    const bool done = how == Relay::Cut::kAfter;
    EXPECT_EQ(store_->begin_read()->tokens("a").size(), done ? 1U : 0U);
    EXPECT_EQ(sql("SELECT version FROM change_version") != before, done);
  }
}

TEST_F(PostgreSqlStoreTest, AChangeThatIsCutOffEarlierIsNotMade) {
  for (const Relay::Cut how : {Relay::Cut::kBefore, Relay::Cut::kSilent}) {
    auto work = store_->begin_write();
    relay_.cut(how, "INSERT INTO tokens");
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THAT(error_of([&] { add_token(*work, 1); }), HasSubstr("cannot be reached"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
    EXPECT_THAT(error_of([&] { work->commit(); }), Not(HasSubstr("unknown")));
    work.reset();
    EXPECT_EQ(store_->begin_read()->count_tokens("a"), 0U);
  }
}

TEST_F(PostgreSqlStoreTest, WhoeverHoldsTheTurnTooLongLosesIt) {
  const auto other = open_store(url_, milliseconds(1000));
  auto sleeper = store_->begin_write();
  add_token(*sleeper, 1);
  EXPECT_THAT(error_of([&] { other->begin_write(); }), HasSubstr("locked by another process"));
  std::unique_ptr<Transaction> work;
  for (int i = 0; i < 10 && !work; ++i) {
    error_of([&] { work = other->begin_write(); });
  }
  ASSERT_TRUE(work) << "the database ends a transaction that stands still";
  add_token(*work, 2);
  work->commit();
  EXPECT_THROW(sleeper->commit(), StoreError);
  EXPECT_EQ(sql("SELECT count(*) FROM tokens"), "1\n");
}

TEST_F(PostgreSqlStoreTest, ANewerVersionIsRefused) {
  sql("INSERT INTO schema_version (version) VALUES (99)");
  EXPECT_THAT(error_of([&] { open_store(url_); }), HasSubstr("newer version"));
}

TEST_F(PostgreSqlStoreTest, ProgramsThatStartAtOnceMakeTheTablesOnce) {
  const std::string url = PostgresqlServer::instance().new_database();
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&] {
      open_store(url);
      ++good;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 4);
  EXPECT_EQ(PostgresqlServer::run_sql(url, "SELECT version FROM schema_version ORDER BY version"),
            "1\n2\n3\n4\n");
}

TEST_F(PostgreSqlStoreTest, ErrorsNeverShowThePassword) {
  const std::string quoted = "not%3Aa%40real%2Fpassword";
  ASSERT_THAT(url_, HasSubstr(quoted));
  std::string wrong_password = url_;
  wrong_password.replace(wrong_password.find(quoted), quoted.size(), "wr0ng-secret");
  const std::string refused = error_of([&] { open_store(wrong_password); });
  EXPECT_THAT(refused, HasSubstr("password authentication failed"));
  EXPECT_THAT(refused, Not(HasSubstr("wr0ng-secret")));
  const std::string missing = error_of([&] { open_store(url_ + "_missing"); });
  EXPECT_THAT(missing, AllOf(HasSubstr("does not exist"), Not(HasSubstr("real"))));
  std::string nobody = url_;
  const std::string port = ":" + std::to_string(PostgresqlServer::instance().port()) + "/";
  nobody.replace(nobody.find(port), port.size(), ":1/");
  EXPECT_THAT(error_of([&] { open_store(nobody); }),
              AllOf(HasSubstr("cannot be reached"), Not(HasSubstr("real"))));
  for (const char* url :
       {"postgresql://u:s3cr%zzt@h/d", "postgresql://u:s3cr@t@h/d?x", "postgres://u:s3cr@h:p/d",
        "postgresql://u:p@h/d?s3cr=1", "postgresql:u:s3cr@h/d", "postgresql://u:s3cr@h/d"}) {
    EXPECT_THAT(error_of([&] { open_store(url); }), AllOf(Not(IsEmpty()), Not(HasSubstr("s3cr"))))
        << url;
    EXPECT_THAT(store_name(url), Not(HasSubstr("s3cr"))) << url;
  }
  EXPECT_EQ(store_name("postgresql://u:p@h:5433/d?sslmode=disable"), "postgresql://h:5433/d");
}

TEST_F(PostgreSqlStoreTest, AnotherMachineIsReachedKnowingHow) {
  EXPECT_THAT(check_store_url("postgresql://u@db.example/d"), HasSubstr("sslmode=verify-full"));
  EXPECT_THAT(check_store_url("postgresql://u@db.example/d?sslmode=disable"), IsEmpty());
  EXPECT_THAT(check_store_url("postgres://u@db.example/d?sslmode=verify-full&sslrootcert=f"),
              IsEmpty());
  EXPECT_THAT(check_store_url("postgresql://u@127.0.0.1/d"), IsEmpty());
  EXPECT_THAT(check_store_url("postgresql://u@/d?host=/run/postgresql"), IsEmpty());
}

}  // namespace
}  // namespace weir::proxy
