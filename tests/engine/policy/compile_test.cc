#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/policy.h"
#include "weir/policy.h"

namespace weir {
namespace {

TEST(CompilePolicy, ReportsEveryProblemInOneRun) {
  PolicySource source;
  source.accounts = {{"a", {"logs-*"}}, {"a", {"LOGS"}}, {"", {"x"}}};
  source.tokens.push_back(support::make_token(1, "one", {{"team", ""}}));
  source.tokens.push_back(support::make_token(1, "one", {{"_id", "x"}}));
  source.tokens.push_back(support::make_token(0, "zero", {{"te*m", "x"}}));
  source.tokens[2].epoch = 0;
  auto result = compile_policy(source);
  ASSERT_FALSE(result.ok());
  std::vector<std::string> places;
  for (const Problem& problem : result.problems()) places.push_back(problem.where);
  EXPECT_THAT(places,
              testing::IsSupersetOf({"/accounts/1/name", "/accounts/1/indices/0",
                                     "/accounts/2/name", "/tokens/0/account", "/tokens/0/filters/0",
                                     "/tokens/1/id", "/tokens/1/digest", "/tokens/1/filters/0",
                                     "/tokens/2/id", "/tokens/2/epoch", "/tokens/2/filters/0"}));
}

TEST(CompilePolicy, KnowsTheEpochsOfLiveTokensOnly) {
  auto snapshot = support::sample_snapshot();
  EXPECT_EQ(snapshot->token_count(), 4U);
  EXPECT_EQ(snapshot->token_epoch(1, support::kNow), 1U);
  EXPECT_EQ(snapshot->token_epoch(4, support::kNow - 1), 1U);
  EXPECT_EQ(snapshot->token_epoch(4, support::kNow), 0U);
  EXPECT_EQ(snapshot->token_epoch(99, support::kNow), 0U);
}

TEST(CompilePolicy, TellsWhatACredentialOpens) {
  PolicySource source = support::sample_source();
  source.tokens[0].expires_at = support::kNow + 100;
  source.tokens[0].former_digest = support::digest_of("before");
  source.tokens[0].former_until = support::kNow + 10;
  auto snapshot = support::compile(source);
  const auto opened = snapshot->credential_opens(support::digest_of("payments"), support::kNow);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->token_id, source.tokens[0].id);
  EXPECT_EQ(opened->account, source.tokens[0].account);
  EXPECT_EQ(opened->expires_at, support::kNow + 100);
  const auto former = snapshot->credential_opens(support::digest_of("before"), support::kNow);
  ASSERT_TRUE(former);
  EXPECT_EQ(former->token_id, source.tokens[0].id);
  EXPECT_EQ(former->expires_at, support::kNow + 10) << "it ends before its token";
  EXPECT_FALSE(snapshot->credential_opens(support::digest_of("before"), support::kNow + 10));
  EXPECT_FALSE(snapshot->credential_opens(support::digest_of("payments"), support::kNow + 100));
  EXPECT_FALSE(snapshot->credential_opens(support::digest_of("unknown"), support::kNow));
}

TEST(CompilePolicy, AFormerSecretOpensTheTokenUntilItEnds) {
  PolicySource source = support::sample_source();
  source.tokens[0].former_digest = support::digest_of("before");
  source.tokens[0].former_until = support::kNow;
  source.tokens[0].epoch = 7;
  auto snapshot = support::compile(source);
  const TokenDigest former = support::digest_of("before");
  const TokenDigest now = support::digest_of("payments");
  EXPECT_EQ(snapshot->token_count(), 4U) << "it is no token of its own";
  EXPECT_EQ(snapshot->credential_epoch(former, support::kNow - 1), 7U);
  EXPECT_EQ(snapshot->credential_epoch(former, support::kNow), 0U);
  EXPECT_EQ(snapshot->credential_epoch(now, support::kNow), 7U);
  EXPECT_EQ(snapshot->credential_epoch(support::digest_of("nobody"), 0), 0U);

  source.tokens[0].expires_at = support::kNow - 10;
  EXPECT_EQ(support::compile(source)->credential_epoch(former, support::kNow - 1), 0U)
      << "it never outlives the token";
}

TEST(CompilePolicy, ALinkOpensItsToken) {
  PolicySource source = support::sample_source();
  source.tokens[0].epoch = 7;
  source.tokens[0].links = {{3, support::digest_of("link"), {"dashboard:1"}}};
  const TokenDigest link = support::digest_of("link");
  auto snapshot = support::compile(source);
  EXPECT_EQ(snapshot->token_count(), 4U) << "it is no token of its own";
  EXPECT_EQ(snapshot->credential_epoch(link, support::kNow), 7U);
  source.tokens[0].expires_at = support::kNow;
  EXPECT_EQ(support::compile(source)->credential_epoch(link, support::kNow), 0U)
      << "it never outlives the token";
  source.tokens[0].links = {{0, support::digest_of("ops"), {}}};
  auto refused = compile_policy(source);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.problems().front().where, "/tokens/0/links/0/id");
}

TEST(CompilePolicy, AFormerSecretIsNobodyElses) {
  for (const char* taken : {"payments", "open"}) {
    PolicySource source = support::sample_source();
    source.tokens[2].former_digest = support::digest_of(taken);
    source.tokens[2].former_until = support::kNow;
    auto result = compile_policy(source);
    ASSERT_EQ(result.problems().size(), 1U) << taken;
    EXPECT_EQ(result.problems()[0].where, "/tokens/2/former_digest");
  }
  PolicySource source = support::sample_source();
  source.tokens[0].former_digest = support::digest_of("x");
  source.tokens[1].former_until = support::kNow;
  auto result = compile_policy(source);
  ASSERT_EQ(result.problems().size(), 2U);
  EXPECT_EQ(result.problems()[0].where, "/tokens/0/former_digest");
  EXPECT_EQ(result.problems()[1].where, "/tokens/1/former_until");
}

TEST(CompilePolicy, HoldsTheLimits) {
  Limits limits;
  limits.max_tokens = 3;
  EXPECT_EQ(compile_policy(support::sample_source(), limits).problems().at(0).where, "/tokens");
  limits = {};
  limits.max_filters_per_token = 1;
  EXPECT_EQ(compile_policy(support::sample_source(), limits).problems().at(0).where,
            "/tokens/1/filters");
}

TEST(CheckFilter, SaysWhatIsWrongAndWhatToDo) {
  EXPECT_EQ(check_filter({"team", "payments"}, false), "");
  EXPECT_EQ(check_filter({"team.keyword", "caf\xC3\xA9 / 10:30"}, false), "");
  EXPECT_THAT(check_filter({"", "x"}, false), testing::HasSubstr("field is empty"));
  EXPECT_THAT(check_filter({"team", ""}, false), testing::HasSubstr("value is empty"));
  EXPECT_THAT(check_filter({"_index", "x"}, false), testing::HasSubstr("metadata field"));
  EXPECT_THAT(check_filter({"te*m", "x"}, true), testing::HasSubstr("name one field"));
  EXPECT_THAT(check_filter({"team", std::string(1025, 'x')}, false),
              testing::HasSubstr("1024 bytes"));
  EXPECT_THAT(check_filter({"team", "\xC0\xAF"}, false), testing::HasSubstr("UTF-8"));
}

TEST(CheckFilter, RefusesWildcardsUnlessTheyAreLiteral) {
  EXPECT_THAT(check_filter({"team", "pay*"}, false),
              testing::HasSubstr("wildcards are not supported"));
  EXPECT_THAT(check_filter({"team", "pay?"}, false), testing::HasSubstr("\"literal\": true"));
  EXPECT_EQ(check_filter({"team", "pay*"}, true), "");
}

}  // namespace
}  // namespace weir
