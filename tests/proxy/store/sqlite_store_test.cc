#include "store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "proxy/store/store_fixture.h"

namespace weir::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Runs statements on the file behind the store's back.
void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
      << (message != nullptr ? message : "");
  sqlite3_free(message);
  sqlite3_close(db);
}

class SqliteStoreTest : public StoreFixture {
 protected:
  void SetUp() override { open("sqlite:" + path_); }

  std::string path_ = folder_.path() + "/weir.db";
};

TEST_F(SqliteStoreTest, TheFileIsItsOwnersOnly) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 077U, 0U) << suffix;
  }
}

TEST_F(SqliteStoreTest, IdsEndWhereThePublishedTypeEnds) {
  add_token("a", {}, 1);
  run_sql(path_, "UPDATE sqlite_sequence SET seq = 2147483646 WHERE name = 'tokens'");
  EXPECT_EQ(add_token("a", {}, 2), 2147483647);
  EXPECT_THROW(add_token("a", {}, 3), StoreError);
  EXPECT_EQ(store_->begin_read()->count_tokens("a"), 2U);
}

TEST_F(SqliteStoreTest, AStoreLockedByAnotherProgramSaysSo) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  try {
    store_->begin_write();
    ADD_FAILURE() << "the lock was not seen";
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), HasSubstr("locked by another process"));
  }
  EXPECT_EQ(store_->begin_read()->count_tokens("a"), 0U) << "reading goes on";
  sqlite3_close(db);
  add_token("a", {}, 1);
}

TEST_F(SqliteStoreTest, AFullDiskLeavesNothingHalfDone) {
  const std::int32_t filter = add_filter("a", "x");
  // No file may grow beyond a few pages: what a write meets on a full disk, without needing one.
  struct rlimit old {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &ignore, &before);
  struct rlimit small = old;
  small.rlim_cur = 200000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  int added = 0;
  std::string text;
  try {
    for (; added < 1000; ++added) {
      auto work = store_->begin_write();
      TokenRow row;
      row.account = "a";
      row.name = std::string(20000, 'n');
      row.digest = digest_of(added);
      row.filters = {filter};
      const std::int32_t id = work->insert_token(row);
      work->set_sealed_secret(id, "sealed");
      work->commit();
    }
  } catch (const StoreError& error) {
    text = error.what();
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  ::sigaction(SIGXFSZ, &before, nullptr);
  EXPECT_THAT(text, HasSubstr("disk of the token store"));
  EXPECT_LT(added, 1000);
  const auto all = store_->begin_read()->tokens_after(0, 5000);
  EXPECT_EQ(all.size(), static_cast<std::size_t>(added));
  for (const TokenRow& row : all) {
    EXPECT_THAT(row.filters, ElementsAre(filter));
    EXPECT_EQ(row.sealed_secret, "sealed");
  }
  add_token("a", {filter}, 5000);
}

TEST(OpenStore, RefusesWhatItCannotRead) {
  const TempFolder folder;
  const std::string path = folder.path() + "/weir.db";
  const auto refusal = [](const std::string& url) -> std::string {
    try {
      open_store(url);
      return "";
    } catch (const StoreError& error) {
      return error.what();
    }
  };
  std::ofstream(path) << std::string(8192, 'x');
  EXPECT_THAT(refusal("sqlite:" + path), HasSubstr("corrupt"));
  EXPECT_THAT(refusal("sqlite:" + folder.path() + "/missing/weir.db"),
              HasSubstr("cannot be opened"));
  EXPECT_THAT(refusal("sqlite:" + folder.path()), HasSubstr("cannot be opened"));
  EXPECT_THAT(refusal("mysql://x:secret@y/z"), HasSubstr("write `sqlite:PATH`"));
  EXPECT_THAT(refusal("mysql://x:secret@y/z"), ::testing::Not(HasSubstr("secret")));
  EXPECT_THAT(refusal("sqlite:"), HasSubstr("write `sqlite:PATH`"));
}

TEST(OpenStore, RefusesAFileOfANewerVersion) {
  const TempFolder folder;
  const std::string path = folder.path() + "/weir.db";
  open_store("sqlite:" + path).reset();
  open_store("sqlite:" + path).reset();  // a second start changes nothing
  run_sql(path, "INSERT INTO schema_version (version) VALUES (99)");
  try {
    open_store("sqlite:" + path);
    ADD_FAILURE() << "opened";
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), HasSubstr("newer version"));
  }
}

TEST(OpenStore, BringsAFileOfTheFirstVersionUpToDate) {
  const TempFolder folder;
  const std::string path = folder.path() + "/weir.db";
  std::ifstream sql(WEIR_SOURCE_DIR "/tests/proxy/store/version_1.sql");
  run_sql(path, {std::istreambuf_iterator<char>(sql), {}});
  for (int start = 0; start < 2; ++start) {
    const auto store = open_store("sqlite:" + path);
    const auto read = store->begin_read();
    EXPECT_EQ(read->find_meta("key_fingerprint"), "\x01\xff");
    const FilterRow filter = read->find_filter("a", 2).value();
    EXPECT_EQ(filter.value, "x");
    EXPECT_TRUE(filter.literal);
    EXPECT_EQ(filter.revision, 1U);
    EXPECT_FALSE(filter.client_key);
    const TokenRow token = read->find_token("a", 7).value();
    EXPECT_EQ(token.name, "n");
    EXPECT_EQ(token.sealed_secret, "\xab\xcd");
    EXPECT_THAT(token.filters, ElementsAre(2));
    EXPECT_EQ(token.filters_operator, FiltersOperator::kOr);
    EXPECT_EQ(token.expires_at, 1000);
    EXPECT_EQ(token.last_used, 900);
    EXPECT_EQ(token.epoch, 5U) << "cursors stay open";
    EXPECT_TRUE(token.enabled);
    EXPECT_EQ(token.revision, 1U);
    EXPECT_EQ(token.created_at, 0);
    EXPECT_FALSE(token.former_digest);
    EXPECT_EQ(token.limits, "");
    EXPECT_EQ(token.requests + token.denials, 0U);
    EXPECT_EQ(read->api_tokens().front().id, 4);
    EXPECT_EQ(read->change_version(), 1U);
  }
  const auto store = open_store("sqlite:" + path);
  const auto work = store->begin_write();
  work->put_account({"a", {"logs-*"}});
  EXPECT_EQ(work->find_token("a", 7)->epoch, 5U) << "the scope is what it was";
  TokenRow row;
  row.account = "a";
  row.digest = digest_of(1);
  EXPECT_EQ(work->insert_token(row), 8);
  EXPECT_EQ(work->find_token("a", 7)->links, 0U);
}

}  // namespace
}  // namespace weir::proxy
