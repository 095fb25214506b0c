// What a store promises, held to both databases.
#include "store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "proxy/postgresql_server.h"
#include "proxy/store/store_fixture.h"

namespace weir::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum class Database { kSqlite, kPostgresql };

class StoreTest : public StoreFixture, public ::testing::WithParamInterface<Database> {
 protected:
  void SetUp() override {
    url_ = GetParam() == Database::kSqlite ? "sqlite:" + folder_.path() + "/weir.db"
                                           : PostgresqlServer::instance().new_database();
    open(url_);
  }

  std::uint64_t version() { return store_->begin_read()->change_version(); }

  std::string url_;
};

INSTANTIATE_TEST_SUITE_P(, StoreTest, ::testing::Values(Database::kSqlite, Database::kPostgresql),
                         [](const auto& test) {
                           return test.param == Database::kSqlite ? "Sqlite" : "PostgreSql";
                         });

TEST_P(StoreTest, KeepsRowsAsTheyWere) {
  const std::string odd = std::string(
      "sp\xc3\xa9"
      "cial\0'\"; DROP TABLE tokens",
      30);
  const std::int32_t filter = add_filter("a", odd, true);
  const std::int32_t id = add_token("a", {filter}, 7);
  store_.reset();
  store_ = open_store(url_);
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

TEST_P(StoreTest, AccountsDoNotSeeEachOther) {
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
  EXPECT_EQ(work->tokens_after(0, 5000).size(), 1U);
}

TEST_P(StoreTest, WhatIsNotCommittedNeverWas) {
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

TEST_P(StoreTest, UpdatingReplacesFiltersAndMovesTheEpoch) {
  const std::int32_t f1 = add_filter("a", "x");
  const std::int32_t f2 = add_filter("a", "y");
  const std::int32_t id = add_token("a", {f1}, 1);
  const std::int32_t other = add_token("a", {f1}, 2);
  auto work = store_->begin_write();
  TokenRow row = *work->find_token("a", id);
  row.filters = {f1, f2};
  row.filters_operator = FiltersOperator::kOr;
  row.expires_at.reset();
  work->update_token(row, EpochMove::kMove);
  work->commit();
  work.reset();
  EXPECT_THAT(token("a", id).filters, ElementsAre(f1, f2));
  EXPECT_EQ(token("a", id).filters_operator, FiltersOperator::kOr);
  EXPECT_EQ(token("a", id).expires_at, std::nullopt);
  EXPECT_EQ(token("a", id).epoch, 2U);
  EXPECT_EQ(token("a", other).epoch, 1U);
}

TEST_P(StoreTest, DeletingAFilterDetachesItAndMovesTheEpochs) {
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

TEST_P(StoreTest, AChangedScopeMovesTheEpochsOfItsAccount) {
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

TEST_P(StoreTest, IdsAreNeverGivenTwice) {
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

TEST_P(StoreTest, UsesAddUpAndTheLastOneOnlyGrows) {
  const std::int32_t id = add_token("a", {}, 1);
  auto work = store_->begin_write();
  const auto token_id = static_cast<std::uint32_t>(id);
  work->merge_use({{token_id, 500, 3, 1}, {999999, 1, 1, 1}});
  work->merge_use({{token_id, 400, 2, 0}});
  work->commit();
  work.reset();
  EXPECT_EQ(token("a", id).last_used, 500);
  EXPECT_EQ(token("a", id).requests, 5U);
  EXPECT_EQ(token("a", id).denials, 1U);
  EXPECT_EQ(token("a", id).revision, 1U);
  EXPECT_EQ(token("a", id).epoch, 1U) << "being used changes nothing of what may be seen";
}

TEST_P(StoreTest, ApiTokensAreFoundByDigest) {
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

TEST_P(StoreTest, AnotherKeyMovesNothingElse) {
  const std::int32_t id = add_token("a", {}, 1);
  ApiTokenRow api;
  api.account = "a";
  api.digest = digest_of(9);
  {
    const auto work = store_->begin_write();
    api.id = work->insert_api_token(api);
    work->commit();
  }
  const TokenRow before = token("a", id);
  const std::uint64_t version_before = version();
  {
    const auto work = store_->begin_write();
    work->rekey_token(id, digest_of(2), "new");
    work->rekey_token(id + 1, digest_of(3), "nobody's");
    work->rekey_api_token(api.id, digest_of(10));
    work->commit();
  }
  const TokenRow after = token("a", id);
  EXPECT_EQ(after.digest, digest_of(2));
  EXPECT_EQ(after.sealed_secret, "new");
  EXPECT_EQ(after.epoch, before.epoch);
  EXPECT_EQ(after.revision, before.revision);
  EXPECT_EQ(version(), version_before);
  const auto work = store_->begin_read();
  EXPECT_FALSE(work->find_api_token(digest_of(9)));
  EXPECT_EQ(work->find_api_token(digest_of(10))->id, api.id);
}

TEST_P(StoreTest, ReferencesAreEnforced) {
  EXPECT_THROW(add_filter("nobody", "x"), StoreError);
  EXPECT_THROW(add_token("a", {4711}, 1), StoreError);
  add_token("a", {}, 2);
  EXPECT_THROW(add_token("a", {}, 2), StoreError) << "one digest, one token";
  EXPECT_EQ(store_->begin_read()->tokens_after(0, 5000).size(), 1U);
}

TEST_P(StoreTest, AllTokensCarryTheirFilters) {
  const std::int32_t f1 = add_filter("a", "x");
  const std::int32_t f2 = add_filter("b", "y");
  add_token("a", {}, 1);
  add_token("a", {f1}, 2);
  add_token("b", {f2}, 3);
  const auto read = store_->begin_read();
  const auto all = read->tokens_after(0, 5000);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_THAT(all[0].filters, IsEmpty());
  EXPECT_THAT(all[1].filters, ElementsAre(f1));
  EXPECT_THAT(all[2].filters, ElementsAre(f2));
  ASSERT_EQ(read->tokens("b").size(), 1U);
  EXPECT_THAT(read->tokens("b")[0].filters, ElementsAre(f2));
}

TEST_P(StoreTest, GrantsCarryTheFiltersThemselves) {
  const std::int32_t f1 = add_filter("a", "x");
  const std::int32_t f2 = add_filter("a", "y");
  const std::int32_t first = add_token("a", {f1, f2}, 1);
  const std::int32_t second = add_token("b", {}, 2);
  const std::int32_t third = add_token("a", {f2}, 3);
  {
    auto work = store_->begin_write();
    TokenRow row = *work->find_token("a", third);
    row.former_digest = digest_of(9);
    row.former_until = 77;
    row.enabled = false;
    row.limits = "{}";
    row.filters_operator = FiltersOperator::kOr;
    work->update_token(row, EpochMove::kMove);
    work->commit();
  }
  const auto read = store_->begin_read();
  const auto page = read->grants_after(0, 2);
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].id, first);
  EXPECT_EQ(page[0].digest, digest_of(1));
  EXPECT_EQ(page[0].expires_at, 1001);
  ASSERT_EQ(page[0].filters.size(), 2U);
  EXPECT_EQ(page[0].filters[0].field, "team");
  EXPECT_EQ(page[0].filters[0].value, "x");
  EXPECT_EQ(page[0].filters[1].value, "y");
  EXPECT_EQ(page[1].id, second);
  EXPECT_EQ(page[1].account, "b");
  EXPECT_THAT(page[1].filters, IsEmpty());
  EXPECT_EQ(read->grants_after(second, 2).size(), 1U);
  EXPECT_THAT(read->grants_after(third, 2), IsEmpty());
  const auto row = read->find_grant(third);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->former_digest, digest_of(9));
  EXPECT_EQ(row->former_until, 77);
  EXPECT_FALSE(row->enabled);
  EXPECT_EQ(row->limits, "{}");
  EXPECT_EQ(row->filters_operator, FiltersOperator::kOr);
  EXPECT_EQ(row->epoch, 2U);
  EXPECT_FALSE(read->find_grant(third + 1));
  EXPECT_EQ(read->tokens_after(first, 1).front().id, second);
  EXPECT_THAT(read->tokens_after(second, 5).front().filters, ElementsAre(f2));
}

TEST_P(StoreTest, TellsWhatHasChangedSinceAVersion) {
  const std::int32_t f1 = add_filter("a", "x");
  const std::int32_t one = add_token("a", {f1}, 1);
  const std::int32_t two = add_token("a", {}, 2);
  const std::uint64_t before = version();
  const auto since = [&](std::uint64_t version) {
    const auto changes = store_->begin_read()->changes_since(version);
    EXPECT_TRUE(changes);
    return changes.value_or(Changes{});
  };
  EXPECT_THAT(since(before).tokens, IsEmpty());
  EXPECT_THAT(since(before - 1).tokens, ElementsAre(two));
  EXPECT_THAT(since(before - 3).tokens, ElementsAre(one, two));
  EXPECT_THAT(since(before - 3).filters, ElementsAre(f1));
  {
    auto work = store_->begin_write();
    FilterRow row = *work->find_filter("a", f1);
    row.value = "z";
    work->update_filter(row);
    work->delete_token("a", two);
    const auto own = work->changes_since(before);
    ASSERT_TRUE(own) << "what is not committed yet counts";
    EXPECT_THAT(own->tokens, ElementsAre(one, two));
    EXPECT_THAT(own->filters, ElementsAre(f1));
  }
  EXPECT_THAT(since(before).tokens, IsEmpty()) << "it was not committed";
  {
    auto work = store_->begin_write();
    work->delete_filter("a", f1);
    work->commit();
  }
  EXPECT_THAT(since(before).tokens, ElementsAre(one));
  const std::uint64_t last = version();
  EXPECT_FALSE(store_->begin_read()->changes_since(last + 1)) << "it has never been";
  auto work = store_->begin_write();
  work->put_account({"b", {"other-*"}});
  work->commit();
  work.reset();
  EXPECT_FALSE(store_->begin_read()->changes_since(before)) << "a scope is of all tokens";
}

TEST_P(StoreTest, CountsWhatThereIs) {
  const std::int32_t f1 = add_filter("a", "x");
  add_filter("a", "y");
  const std::int32_t one = add_token("a", {f1}, 1);
  add_token("b", {}, 2);
  {
    auto work = store_->begin_write();
    EXPECT_TRUE(work->delete_token("a", one));
    EXPECT_FALSE(work->delete_token("a", one));
    work->delete_filter("a", f1);
    work->delete_filter("a", f1);
    work->put_account({"a", {"other-*"}});
    work->commit();
  }
  const auto read = store_->begin_read();
  EXPECT_EQ(read->count_tokens("a"), 0U);
  EXPECT_EQ(read->count_filters("a"), 1U);
  EXPECT_EQ(read->count_tokens("b"), 1U);
  EXPECT_EQ(read->count_filters("b"), 0U);
}

TEST_P(StoreTest, MetaIsReplaced) {
  auto work = store_->begin_write();
  EXPECT_FALSE(work->find_meta("k"));
  work->put_meta("k", "1");
  work->put_meta("k", "2");
  EXPECT_EQ(work->find_meta("k"), "2");
}

TEST_P(StoreTest, ThreadsTakeTurns) {
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

TEST_P(StoreTest, KeepsEveryColumnOfATokenAndAFilter) {
  auto work = store_->begin_write();
  FilterRow filter;
  filter.account = "a";
  filter.field = "team";
  filter.value = "x";
  filter.client_key = "filter-key";
  filter.id = work->insert_filter(filter);
  TokenRow row;
  row.account = "a";
  row.name = "before";
  row.digest = digest_of(1);
  row.enabled = false;
  row.client_key = std::string("key\0\xff", 5);
  row.created_at = 11;
  row.updated_at = 12;
  row.limits = R"({"requestsPerSecond":5})";
  row.id = work->insert_token(row);
  TokenRow stored = *work->find_token("a", row.id);
  EXPECT_FALSE(stored.enabled);
  EXPECT_EQ(stored.client_key, row.client_key);
  EXPECT_EQ(stored.created_at, 11);
  EXPECT_EQ(stored.updated_at, 12);
  EXPECT_EQ(stored.limits, row.limits);
  EXPECT_EQ(stored.sealed_secret, "");
  EXPECT_FALSE(stored.former_digest);
  EXPECT_FALSE(stored.former_until);

  stored.name = "after";
  stored.digest = digest_of(2);
  stored.former_digest = digest_of(1);
  stored.former_until = 99;
  stored.enabled = true;
  stored.updated_at = 13;
  stored.limits = "";
  work->update_token(stored, EpochMove::kKeep);
  work->commit();
  work.reset();
  const TokenRow read = token("a", row.id);
  EXPECT_EQ(read.name, "after");
  EXPECT_EQ(read.digest, digest_of(2));
  EXPECT_EQ(read.former_digest, digest_of(1));
  EXPECT_EQ(read.former_until, 99);
  EXPECT_TRUE(read.enabled);
  EXPECT_EQ(read.created_at, 11);
  EXPECT_EQ(read.updated_at, 13);
  EXPECT_EQ(read.limits, "");
  EXPECT_EQ(read.revision, 2U);
  EXPECT_EQ(read.epoch, 1U) << "only a name";
  EXPECT_EQ(store_->begin_read()->find_filter("a", filter.id)->client_key, "filter-key");
}

TEST_P(StoreTest, ClientKeysNameOneRowOfAnAccount) {
  const auto add = [&](const std::string& account, const std::string& key, int n) {
    auto work = store_->begin_write();
    FilterRow filter;
    filter.account = account;
    filter.field = "f";
    filter.client_key = key;
    work->insert_filter(filter);
    TokenRow row;
    row.account = account;
    row.name = "n";
    row.digest = digest_of(n);
    row.client_key = key;
    const std::int32_t id = work->insert_token(row);
    work->commit();
    return id;
  };
  const std::int32_t id = add("a", "k", 1);
  add("b", "k", 2);
  EXPECT_THROW(add("a", "k", 3), StoreError);
  const auto read = store_->begin_read();
  EXPECT_EQ(read->find_token_by_client_key("a", "k")->id, id);
  EXPECT_FALSE(read->find_token_by_client_key("a", "other"));
  EXPECT_TRUE(read->find_filter_by_client_key("b", "k"));
  EXPECT_FALSE(read->find_filter_by_client_key("b", ""));
  EXPECT_EQ(read->count_tokens("a"), 1U) << "the one that was refused left nothing";
}

TEST_P(StoreTest, UpdatingAFilterMovesTheEpochsOfItsTokens) {
  const std::int32_t filter = add_filter("a", "x");
  const std::int32_t with = add_token("a", {filter}, 1);
  const std::int32_t without = add_token("a", {}, 2);
  auto work = store_->begin_write();
  FilterRow row = *work->find_filter("a", filter);
  row.value = "y";
  row.literal = true;
  const auto affected = work->update_filter(row);
  ASSERT_EQ(affected.size(), 1U);
  EXPECT_EQ(affected[0].id, with);
  EXPECT_EQ(affected[0].epoch, 1U) << "as it was before";
  work->commit();
  work.reset();
  EXPECT_EQ(token("a", with).epoch, 2U);
  EXPECT_EQ(token("a", with).revision, 1U) << "the row itself is what it was";
  EXPECT_EQ(token("a", without).epoch, 1U);
  const FilterRow stored = *store_->begin_read()->find_filter("a", filter);
  EXPECT_EQ(stored.value, "y");
  EXPECT_TRUE(stored.literal);
  EXPECT_EQ(stored.revision, 2U);
  EXPECT_EQ(store_->begin_read()->tokens_using_filter("a", filter).size(), 1U);
  EXPECT_THAT(store_->begin_read()->tokens_using_filter("b", filter), IsEmpty());
  row.account = "b";
  EXPECT_THROW(store_->begin_write()->update_filter(row), StoreError);
}

TEST_P(StoreTest, TheVersionMovesWithWhatMattersToThePolicy) {
  std::uint64_t last = version();
  const auto moved = [&] {
    const std::uint64_t now = version();
    return std::exchange(last, now) != now;
  };
  const std::int32_t filter = add_filter("a", "x");
  EXPECT_TRUE(moved());
  const std::int32_t id = add_token("a", {filter}, 1);
  EXPECT_TRUE(moved());
  {
    auto work = store_->begin_write();
    TokenRow row = *work->find_token("a", id);
    EXPECT_EQ(work->change_version(), last);
    work->update_token(row, EpochMove::kMove);
    EXPECT_EQ(work->change_version(), last + 1) << "what the commit will make it";
  }
  EXPECT_FALSE(moved()) << "nothing was committed";
  {
    auto work = store_->begin_write();
    work->merge_use({{static_cast<std::uint32_t>(id), 500, 1, 0}});
    work->put_meta("k", "v");
    work->append_audit({});
    work->put_account({"a", {"logs-*"}});
    work->commit();
  }
  EXPECT_FALSE(moved());
  {
    auto work = store_->begin_write();
    work->put_account({"a", {"logs-*", "more"}});
    work->commit();
  }
  EXPECT_TRUE(moved());
  {
    auto work = store_->begin_write();
    EXPECT_FALSE(work->delete_token("b", id));
    work->commit();
  }
  EXPECT_FALSE(moved());
  {
    auto work = store_->begin_write();
    EXPECT_TRUE(work->delete_token("a", id));
    work->delete_filter("a", filter);
    work->commit();
  }
  EXPECT_TRUE(moved());
}

TEST_P(StoreTest, ManyUsesAreMergedAtOnce) {
  std::vector<TokenUse> used;
  for (int n = 0; n < 150; ++n) {
    used.push_back({static_cast<std::uint32_t>(add_token("a", {}, n)), 100 + n, 2, 1});
  }
  auto work = store_->begin_write();
  work->merge_use(used);
  work->merge_use({});
  work->commit();
  work.reset();
  for (int n = 0; n < 150; ++n) {
    const TokenRow row = token("a", static_cast<std::int32_t>(used[n].token_id));
    EXPECT_EQ(row.last_used, 100 + n);
    EXPECT_EQ(row.requests, 2U);
    EXPECT_EQ(row.denials, 1U);
  }
}

TEST_P(StoreTest, TheAuditIsReadNewestFirstAndInPages) {
  auto work = store_->begin_write();
  std::vector<std::int64_t> ids;
  for (int n = 0; n < 6; ++n) {
    AuditRow row;
    row.at_ms = 1000 + n;
    row.account = n == 5 ? "b" : "a";
    row.kind = n % 2 == 0 ? "change" : "denial";
    row.operation = "updateToken";
    row.api_token = 3;
    row.token = n < 2 ? 7 : 8;
    row.filter = 9;
    row.route = "search";
    row.code = "agg.global";
    row.request_id = "r";
    row.widens = n == 0;
    row.before = "{}";
    row.after = R"({"name":"é"})";
    ids.push_back(work->append_audit(row));
    EXPECT_TRUE(n == 0 || ids[n] > ids[n - 1]);
  }
  const auto ids_of = [&](const AuditQuery& query) {
    std::vector<std::int64_t> found;
    for (const AuditRow& row : work->audit("a", query)) found.push_back(row.id);
    return found;
  };
  EXPECT_THAT(ids_of({}), ElementsAre(ids[4], ids[3], ids[2], ids[1], ids[0]));
  EXPECT_THAT(ids_of({.limit = 2}), ElementsAre(ids[4], ids[3]));
  EXPECT_THAT(ids_of({.before_id = ids[3], .limit = 2}), ElementsAre(ids[2], ids[1]));
  EXPECT_THAT(ids_of({.token = 7}), ElementsAre(ids[1], ids[0]));
  EXPECT_THAT(ids_of({.token = 8, .kind = "denial"}), ElementsAre(ids[3]));
  const AuditRow first = work->audit("a", {.token = 7}).back();
  EXPECT_EQ(first.at_ms, 1000);
  EXPECT_EQ(first.operation, "updateToken");
  EXPECT_EQ(first.api_token, 3);
  EXPECT_EQ(first.filter, 9);
  EXPECT_EQ(first.route + first.code + first.request_id, "searchagg.globalr");
  EXPECT_TRUE(first.widens);
  EXPECT_EQ(first.before, "{}");
  EXPECT_EQ(first.after, R"({"name":"é"})");
}

TEST_P(StoreTest, TheAuditIsTrimmedByAccountAndKind) {
  auto work = store_->begin_write();
  std::vector<std::int64_t> ids;
  for (int n = 0; n < 12; ++n) {
    AuditRow row;
    row.account = n % 4 < 2 ? "a" : "b";
    row.kind = n % 2 == 0 ? "change" : "denial";
    ids.push_back(work->append_audit(row));
  }
  const auto ids_of = [&](const std::string& account) {
    std::vector<std::int64_t> found;
    for (const AuditRow& row : work->audit(account, {})) found.push_back(row.id);
    return found;
  };
  EXPECT_EQ(work->trim_audit("a", "denial", 3), 0U);
  EXPECT_EQ(work->trim_audit("nobody", "denial", 0), 0U);
  EXPECT_EQ(work->trim_audit("a", "denial", 1), 2U);
  EXPECT_THAT(ids_of("a"), ElementsAre(ids[9], ids[8], ids[4], ids[0]));
  EXPECT_EQ(work->trim_audit("a", "change", 2), 1U);
  EXPECT_EQ(work->trim_audit("a", "denial", 0), 1U);
  EXPECT_THAT(ids_of("a"), ElementsAre(ids[8], ids[4]));
  EXPECT_EQ(ids_of("b").size(), 6U);
  work->commit();
  work.reset();
  work = store_->begin_write();
  EXPECT_THAT(ids_of("a"), ElementsAre(ids[8], ids[4]));
  AuditRow next;
  next.account = "a";
  next.kind = "denial";
  EXPECT_GT(work->append_audit(next), ids[11]) << "no id comes twice";
}

TEST_P(StoreTest, TwoProgramsTakeTurns) {
  const auto other = open_store(url_);
  std::vector<std::thread> threads;
  for (Store* store : {store_.get(), other.get()}) {
    threads.emplace_back([store] {
      for (int i = 0; i < 20; ++i) {
        auto work = store->begin_write();
        const auto value = work->find_meta("n");
        work->put_meta("n", std::to_string(std::stoi(value.value_or("0")) + 1));
        work->commit();
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(store_->begin_read()->find_meta("n"), "40")
      << "no change was made on top of an old one";
}

TEST_P(StoreTest, AReaderSeesOneState) {
  const auto other = open_store(url_);
  const auto read = store_->begin_read();
  EXPECT_EQ(read->count_tokens("a"), 0U);
  {
    auto work = other->begin_write();
    TokenRow row;
    row.account = "a";
    row.digest = digest_of(1);
    work->insert_token(row);
    work->commit();
  }
  EXPECT_THAT(read->tokens_after(0, 5000), IsEmpty()) << "of the state it began with";
  EXPECT_EQ(other->begin_read()->count_tokens("a"), 1U);
}

}  // namespace
}  // namespace weir::proxy
