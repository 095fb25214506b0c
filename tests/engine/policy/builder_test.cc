// Policies made of each other by small changes: they decide like those compiled whole, and the ones
// they were made of stay as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "support/policy.h"
#include "weir/engine.h"

namespace weir {
namespace {

using support::digest_of;
using support::make_token;
using Snapshot = std::shared_ptr<const PolicySnapshot>;

Snapshot build(PolicyBuilder& builder) {
  auto built = builder.build();
  if (!built.ok()) throw std::runtime_error(built.problems().front().what);
  return built.value();
}

// All that a holder of the secret gets to see of the policy.
std::string seen_with(const PolicySnapshot& policy, const std::string& secret, std::int64_t now) {
  const TokenDigest digest = digest_of(secret);
  Workspace workspace;
  RequestView request;
  request.method = Method::kPost;
  request.target = "/logs-*/_search";
  request.credential = &digest;
  request.now_seconds = now;
  const Verdict verdict = decide(policy, request, workspace);
  std::string text = std::to_string(policy.credential_epoch(digest, now)) + ' ' +
                     std::to_string(verdict.token_id()) + ' ' +
                     std::to_string(verdict.link_id()) + ' ' +
                     std::string(deny_info(verdict.deny_code()).code) + ' ' +
                     std::string(verdict.target()) + ' ';
  for (std::string_view piece : verdict.body()) text += piece;
  return text;
}

// Tokens that come, change and go, and the whole they are at any time.
class Changing {
 public:
  explicit Changing(unsigned seed) : random_(seed) {
    source_.accounts = {{"default", {"logs-*"}}, {"other", {"logs-b", "logs-c*"}}};
    source_.accounts[0].keeps_catalog = true;
    source_.accounts[0].catalog = std::make_shared<Catalog>(
        Catalog{{"team", "status"},
                {{"logs-a", "", {FieldKind::kKeyword, FieldKind::kInteger}},
                 {"logs-b", "", {FieldKind::kKeyword, FieldKind::kNone}},
                 {"logs-c", "", {FieldKind::kNone, FieldKind::kInteger}}}});
  }

  Snapshot whole() const {
    PolicySource source = source_;
    for (const auto& [id, token] : tokens_) source.tokens.push_back(token);
    return support::compile(source);
  }

  // One or several tokens are other ones from now on.
  Snapshot change(const PolicySnapshot& base) {
    PolicyBuilder builder(base);
    std::vector<std::uint32_t> touched(1 + below(4));
    for (std::uint32_t& id : touched) id = 1 + below(40);
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    for (const std::uint32_t id : touched) {
      EXPECT_EQ(builder.remove(id), tokens_.erase(id) == 1);
    }
    for (const std::uint32_t id : touched) {
      if (below(4) > 0) builder.add(tokens_[id] = token(id));
    }
    return build(builder);
  }

  std::vector<std::string> secrets() const {
    std::vector<std::string> all;
    for (std::uint32_t id = 1; id <= 40; ++id) {
      for (const char* kind : {"a", "b", "c", "link", "other"}) all.push_back(kind + std::to_string(id));
    }
    return all;
  }

 private:
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  std::string any(std::initializer_list<const char*> texts) {
    return *(texts.begin() + below(static_cast<std::uint32_t>(texts.size())));
  }

  Token token(std::uint32_t id) {
    std::vector<Filter> filters;
    for (std::uint32_t n = below(4); n > 0; --n) {
      filters.push_back({any({"team", "status", "none"}), any({"x", "8", "08"})});
    }
    const std::string number = std::to_string(id);
    const std::uint32_t now = below(3);
    Token token = make_token(id, std::string(1, "abc"[now]) + number, std::move(filters));
    token.account = any({"default", "default", "other"});
    token.filters_operator = below(2) == 0 ? FiltersOperator::kAnd : FiltersOperator::kOr;
    token.epoch = 1 + below(5);
    if (below(4) == 0) token.expires_at = support::kNow + below(3) - 1;
    if (below(3) == 0) {
      token.former_digest = digest_of(std::string(1, "abc"[(now + 1) % 3]) + number);
      token.former_until = support::kNow + below(3) - 1;
    }
    for (std::uint32_t n = below(3); n > 0; --n) {
      token.links.push_back({1 + below(9), digest_of((n == 1 ? "link" : "other") + number), {}});
    }
    return token;
  }

  std::mt19937 random_;
  PolicySource source_;
  std::map<std::uint32_t, Token> tokens_;
};

TEST(PolicyBuilder, ManySmallChangesAreWorthOneCompilation) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    Changing world(seed);
    Snapshot small_steps = world.whole();
    for (int step = 0; step < 60; ++step) {
      const Snapshot before = small_steps;
      small_steps = world.change(*before);
      const Snapshot whole = world.whole();
      ASSERT_EQ(small_steps->token_count(), whole->token_count());
      for (const std::string& secret : world.secrets()) {
        ASSERT_EQ(seen_with(*small_steps, secret, support::kNow),
                  seen_with(*whole, secret, support::kNow))
            << secret << " seed " << seed << " step " << step;
      }
      for (std::uint32_t id = 0; id <= 41; ++id) {
        ASSERT_EQ(small_steps->token_epoch(id, support::kNow),
                  whole->token_epoch(id, support::kNow));
      }
    }
  }
}

TEST(PolicyBuilder, WhatWasThereBeforeStaysAsItWas) {
  Changing world(7);
  std::vector<std::pair<Snapshot, std::vector<std::string>>> kept;
  const auto all_seen = [&](const Snapshot& policy) {
    std::vector<std::string> seen;
    for (const std::string& secret : world.secrets()) {
      seen.push_back(seen_with(*policy, secret, support::kNow));
    }
    return seen;
  };
  Snapshot policy = world.whole();
  for (int step = 0; step < 30; ++step) {
    kept.emplace_back(policy, all_seen(policy));
    // Two of one: neither may see what the other has.
    const Snapshot aside = world.change(*policy);
    const auto seen_aside = all_seen(aside);
    policy = world.change(*aside);
    kept.emplace_back(aside, seen_aside);
  }
  for (const auto& [old, seen] : kept) EXPECT_EQ(all_seen(old), seen);
}

TEST(PolicyBuilder, TwoPoliciesMadeOfOneKnowNothingOfEachOther) {
  const Snapshot base = support::sample_snapshot();
  PolicyBuilder left(*base);
  PolicyBuilder right(*base);
  left.add(make_token(8, "left", {{"team", "left"}}));
  right.add(make_token(9, "right", {{"team", "right"}}));
  EXPECT_TRUE(right.remove(1));
  const Snapshot with_left = build(left);
  const Snapshot with_right = build(right);
  EXPECT_EQ(with_left->token_count(), 5U);
  EXPECT_EQ(with_right->token_count(), 4U);
  EXPECT_EQ(with_left->credential_epoch(digest_of("right"), 0), 0U);
  EXPECT_EQ(with_left->credential_epoch(digest_of("payments"), 0), 1U);
  EXPECT_EQ(with_right->credential_epoch(digest_of("left"), 0), 0U);
  EXPECT_EQ(with_right->credential_epoch(digest_of("payments"), 0), 0U);
  EXPECT_EQ(base->token_count(), 4U);
}

TEST(PolicyBuilder, SecretsMayChangeHands) {
  const Snapshot base = support::sample_snapshot();
  PolicyBuilder builder(*base);
  EXPECT_TRUE(builder.remove(1));
  EXPECT_TRUE(builder.remove(3));
  builder.add(make_token(1, "open", {{"team", "payments"}}));
  builder.add(make_token(3, "payments", {}));
  const Snapshot policy = build(builder);
  EXPECT_THAT(seen_with(*policy, "open", 0), testing::HasSubstr("payments"));
  EXPECT_THAT(seen_with(*policy, "payments", 0), testing::Not(testing::HasSubstr("payments")));
}

TEST(PolicyBuilder, RefusesWhatAWholePolicyWould) {
  const Snapshot base = support::sample_snapshot();
  PolicyBuilder builder(*base);
  EXPECT_FALSE(builder.remove(99));
  builder.add(make_token(1, "new", {}));
  builder.add(make_token(9, "payments", {}));
  Token lost = make_token(10, "lost", {{"_id", "x"}});
  lost.account = "nobody's";
  builder.add(lost);
  const auto built = builder.build();
  std::vector<std::string> places;
  for (const Problem& problem : built.problems()) places.push_back(problem.where);
  EXPECT_THAT(places, testing::ElementsAre("/tokens/0/id", "/tokens/1/digest", "/tokens/2/account",
                                           "/tokens/2/filters/0"));
}

TEST(PolicyBuilder, HoldsTheLimitOfTokens) {
  Limits limits;
  limits.max_tokens = 4;
  const Snapshot base = support::sample_snapshot();
  PolicyBuilder more(*base, limits);
  more.add(make_token(8, "x", {}));
  more.add(make_token(9, "y", {}));
  const auto built = more.build();
  ASSERT_EQ(built.problems().size(), 1U);
  EXPECT_EQ(built.problems()[0].where, "/tokens");
  PolicyBuilder other(*base, limits);
  other.remove(4);
  other.add(make_token(8, "x", {}));
  EXPECT_TRUE(other.build().ok());
}

}  // namespace
}  // namespace weir
