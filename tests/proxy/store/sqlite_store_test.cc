#include "store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "proxy/temp_folder.h"

namespace weir::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TokenDigest digest_of(int n) {
  TokenDigest digest;
  digest.bytes[0] = static_cast<std::uint8_t>(n);
  digest.bytes[1] = static_cast<std::uint8_t>(n >> 8);
  return digest;
}

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

class SqliteStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = open_store("sqlite:" + path_);
    auto work = store_->begin_write();
    work->put_account({"a", {"logs-*"}});
    work->put_account({"b", {"*"}});
    work->commit();
  }

  std::int32_t add_filter(const std::string& account, const std::string& value,
                          bool literal = false) {
    auto work = store_->begin_write();
    FilterRow row;
    row.account = account;
    row.field = "team";
    row.value = value;
    row.description = "of " + value;
    row.literal = literal;
    const std::int32_t id = work->insert_filter(row);
    work->commit();
    return id;
  }

  std::int32_t add_token(const std::string& account, std::vector<std::int32_t> filters, int n) {
    auto work = store_->begin_write();
    TokenRow row;
    row.account = account;
    row.name = "token " + std::to_string(n);
    row.digest = digest_of(n);
    row.filters = std::move(filters);
    row.expires_at = 1000 + n;
    const std::int32_t id = work->insert_token(row);
    work->set_sealed_secret(id, "sealed " + std::to_string(n));
    work->commit();
    return id;
  }

  TokenRow token(const std::string& account, std::int32_t id) {
    auto found = store_->begin_read()->find_token(account, id);
    EXPECT_TRUE(found);
    return found.value_or(TokenRow{});
  }

  TempFolder folder_;
  std::string path_ = folder_.path() + "/weir.db";
  std::unique_ptr<Store> store_;
};

TEST_F(SqliteStoreTest, KeepsRowsAsTheyWere) {
  const std::string odd = std::string(
      "sp\xc3\xa9"
      "cial\0'\"; DROP TABLE tokens",
      30);
  const std::int32_t filter = add_filter("a", odd, true);
  const std::int32_t id = add_token("a", {filter}, 7);
  store_.reset();
  store_ = open_store("sqlite:" + path_);
  const auto read = store_->begin_read();
  const auto row = read->find_filter("a", filter);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->value, odd);
  EXPECT_EQ(row->field, "team");
  EXPECT_EQ(row->description, "of " + odd);
  EXPECT_TRUE(row->literal);
  const auto stored = read->find_token("a", id);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->name, "token 7");
  EXPECT_EQ(stored->digest, digest_of(7));
  EXPECT_EQ(stored->sealed_secret, "sealed 7");
  EXPECT_THAT(stored->filters, ElementsAre(filter));
  EXPECT_EQ(stored->filters_operator, FiltersOperator::kAnd);
  EXPECT_EQ(stored->expires_at, 1007);
  EXPECT_EQ(stored->last_used, std::nullopt);
  EXPECT_EQ(stored->epoch, 1U);
}

TEST_F(SqliteStoreTest, TheFileIsItsOwnersOnly) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 077U, 0U) << suffix;
  }
}

TEST_F(SqliteStoreTest, AccountsDoNotSeeEachOther) {
  const std::int32_t filter = add_filter("a", "x");
  const std::int32_t id = add_token("a", {filter}, 1);
  auto work = store_->begin_write();
  EXPECT_FALSE(work->find_filter("b", filter));
  EXPECT_FALSE(work->find_token("b", id));
  EXPECT_FALSE(work->delete_token("b", id));
  EXPECT_THAT(work->delete_filter("b", filter), IsEmpty());
  EXPECT_THAT(work->filters("b"), IsEmpty());
  EXPECT_THAT(work->tokens("b"), IsEmpty());
  EXPECT_EQ(work->count_filters("b") + work->count_tokens("b"), 0U);
  EXPECT_EQ(work->count_filters("a") + work->count_tokens("a"), 2U);
  EXPECT_TRUE(work->find_filter("a", filter));
  EXPECT_EQ(work->all_tokens().size(), 1U);
}

TEST_F(SqliteStoreTest, WhatIsNotCommittedNeverWas) {
  const std::int32_t filter = add_filter("a", "x");
  const std::int32_t id = add_token("a", {filter}, 1);
  {
    auto work = store_->begin_write();
    EXPECT_EQ(work->delete_filter("a", filter).size(), 1U);
    EXPECT_TRUE(work->delete_token("a", id));
    EXPECT_FALSE(work->find_token("a", id));
  }
  EXPECT_THAT(token("a", id).filters, ElementsAre(filter));
  EXPECT_EQ(token("a", id).epoch, 1U);
}

TEST_F(SqliteStoreTest, UpdatingReplacesFiltersAndMovesTheEpoch) {
  const std::int32_t f1 = add_filter("a", "x");
  const std::int32_t f2 = add_filter("a", "y");
  const std::int32_t id = add_token("a", {f1}, 1);
  const std::int32_t other = add_token("a", {f1}, 2);
  auto work = store_->begin_write();
  TokenRow row = *work->find_token("a", id);
  row.filters = {f1, f2};
  row.filters_operator = FiltersOperator::kOr;
  row.expires_at.reset();
  work->update_token(row);
  work->commit();
  work.reset();
  EXPECT_THAT(token("a", id).filters, ElementsAre(f1, f2));
  EXPECT_EQ(token("a", id).filters_operator, FiltersOperator::kOr);
  EXPECT_EQ(token("a", id).expires_at, std::nullopt);
  EXPECT_EQ(token("a", id).epoch, 2U);
  EXPECT_EQ(token("a", other).epoch, 1U);
}

TEST_F(SqliteStoreTest, DeletingAFilterDetachesItAndMovesTheEpochs) {
  const std::int32_t f1 = add_filter("a", "x");
  const std::int32_t f2 = add_filter("a", "y");
  const std::int32_t both = add_token("a", {f1, f2}, 1);
  const std::int32_t one = add_token("a", {f1}, 2);
  const std::int32_t none = add_token("a", {f2}, 3);
  auto work = store_->begin_write();
  const auto affected = work->delete_filter("a", f1);
  work->commit();
  work.reset();
  ASSERT_EQ(affected.size(), 2U);
  EXPECT_EQ(affected[0].id, both);
  EXPECT_THAT(affected[0].filters, ElementsAre(f1, f2)) << "as they were before";
  EXPECT_EQ(affected[1].id, one);
  EXPECT_THAT(token("a", both).filters, ElementsAre(f2));
  EXPECT_THAT(token("a", one).filters, IsEmpty());
  EXPECT_EQ(token("a", both).epoch, 2U);
  EXPECT_EQ(token("a", one).epoch, 2U);
  EXPECT_EQ(token("a", none).epoch, 1U);
}

TEST_F(SqliteStoreTest, AChangedScopeMovesTheEpochsOfItsAccount) {
  const std::int32_t in_a = add_token("a", {}, 1);
  const std::int32_t in_b = add_token("b", {}, 2);
  auto work = store_->begin_write();
  work->put_account({"a", {"logs-*"}});
  EXPECT_EQ(work->find_token("a", in_a)->epoch, 1U) << "nothing changed";
  work->put_account({"a", {"logs-*", "audit"}});
  EXPECT_EQ(work->find_token("a", in_a)->epoch, 2U);
  work->put_account({"a", {"audit", "logs-*"}});
  EXPECT_EQ(work->find_token("a", in_a)->epoch, 2U) << "only the order changed";
  work->put_account({"a", {"audit", "logs-*"}, Profile::kRelevance});
  EXPECT_EQ(work->find_token("a", in_a)->epoch, 3U);
  work->put_account({"a", {"audit", "logs-*"}, Profile::kSealed, Scripts::kDoc});
  EXPECT_EQ(work->find_token("a", in_a)->epoch, 4U);
  work->put_account({"a", {"logs-*", "audit"}, Profile::kSealed, Scripts::kDoc});
  EXPECT_EQ(work->find_token("a", in_a)->epoch, 4U);
  EXPECT_EQ(work->find_token("b", in_b)->epoch, 1U);
}

TEST_F(SqliteStoreTest, IdsAreNeverGivenTwice) {
  const std::int32_t token_id = add_token("a", {}, 1);
  const std::int32_t filter_id = add_filter("a", "x");
  auto work = store_->begin_write();
  EXPECT_TRUE(work->delete_token("a", token_id));
  work->delete_filter("a", filter_id);
  work->commit();
  work.reset();
  EXPECT_GT(add_token("a", {}, 2), token_id);
  EXPECT_GT(add_filter("a", "x"), filter_id);
}

TEST_F(SqliteStoreTest, IdsEndWhereThePublishedTypeEnds) {
  add_token("a", {}, 1);
  run_sql(path_, "UPDATE sqlite_sequence SET seq = 2147483646 WHERE name = 'tokens'");
  EXPECT_EQ(add_token("a", {}, 2), 2147483647);
  EXPECT_THROW(add_token("a", {}, 3), StoreError);
  EXPECT_EQ(store_->begin_read()->count_tokens("a"), 2U);
}

TEST_F(SqliteStoreTest, LastUsedOnlyGrows) {
  const std::int32_t id = add_token("a", {}, 1);
  auto work = store_->begin_write();
  work->merge_last_used({{static_cast<std::uint32_t>(id), 500}, {999999, 1}});
  work->merge_last_used({{static_cast<std::uint32_t>(id), 400}});
  work->commit();
  work.reset();
  EXPECT_EQ(token("a", id).last_used, 500);
  EXPECT_EQ(token("a", id).epoch, 1U) << "being used changes nothing of what may be seen";
}

TEST_F(SqliteStoreTest, ApiTokensAreFoundByDigest) {
  auto work = store_->begin_write();
  ApiTokenRow row;
  row.account = "a";
  row.name = "ci";
  row.digest = digest_of(9);
  row.permissions = kSharedTokensRead;
  row.created_at = 5;
  row.expires_at = 6;
  row.id = work->insert_api_token(row);
  const auto found = work->find_api_token(digest_of(9));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, row.id);
  EXPECT_EQ(found->account, "a");
  EXPECT_EQ(found->name, "ci");
  EXPECT_EQ(found->permissions, kSharedTokensRead);
  EXPECT_EQ(found->created_at, 5);
  EXPECT_EQ(found->expires_at, 6);
  EXPECT_FALSE(work->find_api_token(digest_of(8)));
  EXPECT_EQ(work->api_tokens().size(), 1U);
  EXPECT_TRUE(work->delete_api_token(row.id));
  EXPECT_FALSE(work->delete_api_token(row.id));
  EXPECT_FALSE(work->find_api_token(digest_of(9)));
}

TEST_F(SqliteStoreTest, ReferencesAreEnforced) {
  EXPECT_THROW(add_filter("nobody", "x"), StoreError);
  EXPECT_THROW(add_token("a", {4711}, 1), StoreError);
  add_token("a", {}, 2);
  EXPECT_THROW(add_token("a", {}, 2), StoreError) << "one digest, one token";
  EXPECT_EQ(store_->begin_read()->all_tokens().size(), 1U);
}

TEST_F(SqliteStoreTest, AllTokensCarryTheirFilters) {
  const std::int32_t f1 = add_filter("a", "x");
  const std::int32_t f2 = add_filter("b", "y");
  add_token("a", {}, 1);
  add_token("a", {f1}, 2);
  add_token("b", {f2}, 3);
  const auto read = store_->begin_read();
  const auto all = read->all_tokens();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_THAT(all[0].filters, IsEmpty());
  EXPECT_THAT(all[1].filters, ElementsAre(f1));
  EXPECT_THAT(all[2].filters, ElementsAre(f2));
  ASSERT_EQ(read->tokens("b").size(), 1U);
  EXPECT_THAT(read->tokens("b")[0].filters, ElementsAre(f2));
}

TEST_F(SqliteStoreTest, MetaIsReplaced) {
  auto work = store_->begin_write();
  EXPECT_FALSE(work->find_meta("k"));
  work->put_meta("k", "1");
  work->put_meta("k", "2");
  EXPECT_EQ(work->find_meta("k"), "2");
}

TEST_F(SqliteStoreTest, ThreadsTakeTurns) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 10; ++i) {
        add_token("a", {}, 100 * (t + 1) + i);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(store_->begin_read()->count_tokens("a"), 40U);
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
  const auto all = store_->begin_read()->all_tokens();
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
  EXPECT_THAT(refusal("postgresql://x/y"), HasSubstr("write `sqlite:PATH`"));
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

}  // namespace
}  // namespace weir::proxy
