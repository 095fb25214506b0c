// A policy that follows the store change by change decides like one that is made of the whole
// store.
#include "admin/publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "proxy/store/store_fixture.h"
#include "store/sqlite.h"
#include "weir/engine.h"

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;

constexpr Seconds kNow = 1000;
constexpr int kTokenSecrets = 120;
constexpr int kSecrets = kTokenSecrets + 100;  // the others are of links

Publisher::Frame sample_frame() {
  return {{{"a", {"logs-*"}}, {"b", {"*"}}}, Unfiltered::kAllow, "3.4.0"};
}

// What the holder of a secret gets to see of a policy, its token's limits included.
std::string seen_with(const PolicySnapshot& policy, const TokenLimitsTable& limits, int secret) {
  const TokenDigest digest = digest_of(secret);
  Workspace workspace;
  RequestView request;
  request.method = Method::kPost;
  request.target = "/logs-*/_search";
  request.credential = &digest;
  request.now_seconds = kNow;
  const Verdict verdict = decide(policy, request, workspace);
  std::string text = std::to_string(policy.credential_epoch(digest, kNow)) + ' ' +
                     std::to_string(verdict.token_id()) + ' ' +
                     std::to_string(verdict.link_id()) + ' ' +
                     std::string(deny_info(verdict.deny_code()).code) + ' ';
  for (std::string_view piece : verdict.body()) text += piece;
  const TokenLimits* own = limits.find(verdict.token_id());
  if (own != nullptr) text += ' ' + std::to_string(own->response_bytes.value_or(0));
  return text;
}

class PublisherTest : public StoreFixture {
 protected:
  void SetUp() override {
    open("sqlite:" + folder_.path() + "/weir.db");
    publisher_.set_frame(sample_frame());
    publish();
  }

  void publish() {
    const auto turn = publisher_.turn();
    auto prepared = publisher_.prepare(*store_->begin_read());
    ASSERT_TRUE(prepared.ok()) << prepared.problems().front().what;
    publisher_.publish(std::move(prepared).value());
  }

  std::vector<std::string> seen() const {
    const auto [policy, limits] = policy_.load_all();
    std::vector<std::string> all;
    for (int n = 0; n < kSecrets; ++n) all.push_back(seen_with(*policy, *limits, n));
    return all;
  }

  // The same of a policy that knows nothing but the store.
  std::vector<std::string> seen_anew() const {
    SharedPolicy policy;
    Publisher publisher(policy, nullptr, nullptr);
    publisher.set_frame(publisher_.frame());
    auto prepared = publisher.prepare(*store_->begin_read());
    std::vector<std::string> all;
    for (int n = 0; n < kSecrets; ++n) {
      all.push_back(seen_with(*prepared.value().snapshot, *prepared.value().limits, n));
    }
    return all;
  }

  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }

  // Whatever the API can do to the rows; the secrets of a token are 3 * id to 3 * id + 2.
  void change_something() {
    const auto work = store_->begin_write();
    const std::string account = below(3) == 0 ? "b" : "a";
    const auto rows = work->tokens(account);
    const auto filters = work->filters(account);
    const std::uint32_t what = below(13);
    if (what >= 10 && !rows.empty()) {
      change_links(rows[below(static_cast<std::uint32_t>(rows.size()))], *work);
    } else if (what < 2 || filters.empty()) {
      FilterRow row;
      row.account = account;
      row.field = "field" + std::to_string(below(3));
      row.value = std::to_string(below(100));
      work->insert_filter(row);
    } else if (what < 4 || rows.empty()) {
      if (work->tokens_after(0, 100).size() < 30 && next_ < kTokenSecrets / 3) {
        TokenRow row;
        row.account = account;
        row.digest = digest_of(3 * next_++);
        row.filters = {filters[below(static_cast<std::uint32_t>(filters.size()))].id};
        work->insert_token(row);
      }
    } else if (what == 4) {
      FilterRow row = filters[below(static_cast<std::uint32_t>(filters.size()))];
      row.value = std::to_string(below(100));
      work->update_filter(row);
    } else if (what == 5) {
      work->delete_filter(account, filters.front().id);
    } else if (what == 6) {
      work->delete_token(account, rows.front().id);
    } else {
      change(rows[below(static_cast<std::uint32_t>(rows.size()))], filters, *work);
    }
    work->commit();
  }

  void change(TokenRow row, const std::vector<FilterRow>& filters, Transaction& work) {
    row.filters.clear();
    for (const FilterRow& filter : filters) {
      if (below(3) == 0) row.filters.push_back(filter.id);
    }
    row.filters_operator = below(2) == 0 ? FiltersOperator::kAnd : FiltersOperator::kOr;
    row.enabled = below(5) > 0;
    row.expires_at = below(3) == 0 ? std::optional(kNow - 1 + below(3)) : std::nullopt;
    row.limits = below(2) == 0 ? R"({"responseBytes":)" + std::to_string(1 + below(9)) + "}" : "";
    const int first = row.digest.bytes[0] / 3 * 3;
    if (below(3) == 0) {
      row.former_digest = row.digest;
      row.former_until = kNow + 1;
      row.digest = digest_of(first + (row.digest.bytes[0] - first + 1) % 3);
    }
    work.update_token(row, below(2) == 0 ? EpochMove::kMove : EpochMove::kKeep);
  }

  void change_links(const TokenRow& token, Transaction& work) {
    const auto links = work.links(token.account, token.id);
    if (links.empty() || below(2) == 0) {
      if (next_link_ < kSecrets) {
        LinkRow row;
        row.token = token.id;
        row.account = token.account;
        row.digest = digest_of(next_link_++);
        row.objects = "[]";
        work.insert_link(row);
      }
    } else if (below(3) == 0) {
      work.set_link_objects(links.front().id, "[]");
    } else {
      work.delete_link(token.account, token.id, links.front().id);
    }
  }

  std::mt19937 random_{4711};
  int next_ = 1;
  int next_link_ = kTokenSecrets;
  SharedPolicy policy_;
  Publisher publisher_{policy_, nullptr, nullptr};
};

TEST_F(PublisherTest, ManyChangesAreWorthOneReading) {
  for (int step = 0; step < 400; ++step) {
    change_something();
    if (below(3) == 0) change_something();  // as another replica does
    publish();
    ASSERT_EQ(seen(), seen_anew()) << "step " << step;
  }
}

// The store tells nobody of such a change, so only who reads the row hears of it.
class PublisherReadingTest : public PublisherTest {
 protected:
  void SetUp() override {
    PublisherTest::SetUp();
    other_ = add_token("a", {}, 3);
    touched_ = add_token("a", {}, 6);
    publish();
    const auto work = store_->begin_write();
    work->rekey_token(other_, digest_of(4), "");
    work->commit();
  }
  bool other_was_read() const { return policy_.load()->credential_epoch(digest_of(4), 0) != 0; }

  void touch() {
    TokenRow row = token("a", touched_);
    row.filters = {add_filter("a", "x")};
    const auto work = store_->begin_write();
    work->update_token(row, EpochMove::kMove);
    work->commit();
  }

  std::int32_t other_ = 0;
  std::int32_t touched_ = 0;
};

TEST_F(PublisherReadingTest, AChangeReadsWhatHasChanged) {
  touch();
  publish();
  EXPECT_FALSE(other_was_read());
  EXPECT_THAT(seen()[6], HasSubstr(R"({"term":{"team":{"value":"x"}}})"));
}

TEST_F(PublisherReadingTest, OtherAccountsAreAReasonToReadAll) {
  publisher_.set_frame(sample_frame());
  touch();
  publish();
  EXPECT_TRUE(other_was_read());
}

TEST_F(PublisherReadingTest, WhatNobodyNotedIsAReasonToReadAll) {
  touch();
  store_.reset();
  {
    // As an older program does, which knows nothing of notes.
    SqliteConnection db(folder_.path() + "/weir.db");
    db.execute(
        "DELETE FROM policy_changes WHERE version = (SELECT max(version) FROM policy_changes)");
  }
  store_ = open_store("sqlite:" + folder_.path() + "/weir.db");
  publish();
  EXPECT_TRUE(other_was_read());
  EXPECT_EQ(seen(), seen_anew());
}

TEST_F(PublisherReadingTest, AnotherScopeIsAReasonToReadAll) {
  {
    const auto work = store_->begin_write();
    work->put_account({"b", {"metrics-*"}});
    work->commit();
  }
  publish();
  EXPECT_TRUE(other_was_read());
}

TEST_F(PublisherTest, WhatIsReadLittleByLittleIsBroughtUpToDate) {
  for (int n = 0; n < 40; ++n) change_something();
  const auto frame = std::make_shared<const Publisher::Frame>(sample_frame());
  const auto begun = publisher_.read_anew(*store_, frame);
  ASSERT_TRUE(begun.ok());
  for (int n = 0; n < 40; ++n) change_something();
  publish();
  const auto turn = publisher_.turn();
  publisher_.put_frame(frame);
  auto prepared = publisher_.prepare(*store_->begin_read(), begun.value());
  ASSERT_TRUE(prepared.ok());
  publisher_.publish(std::move(prepared).value());
  EXPECT_TRUE(publisher_.is_current());
  EXPECT_EQ(seen(), seen_anew());
  EXPECT_EQ(publisher_.version(), store_->begin_read()->change_version());
}

TEST_F(PublisherTest, ABrokenLimitStopsTheChange) {
  const std::int32_t id = add_token("a", {}, 3);
  publish();
  TokenRow row = token("a", id);
  row.limits = "{";
  const auto work = store_->begin_write();
  work->update_token(row, EpochMove::kKeep);
  EXPECT_FALSE(publisher_.prepare(*work).ok());
}

}  // namespace
}  // namespace weir::proxy
