#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "weir/policy.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kDigest(64, 'a');

constexpr std::string_view kGood = R"({
  "unfiltered": "deny",
  "upstream_version": "2.19.4",
  "accounts": [{"name": "shop", "indices": ["logs-*", "orders"]}],
  "tokens": [
    {"id": 7, "digest": "000102030405060708090A0B0C0D0E0Ff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "account": "shop",
     "filters": [{"field": "team", "value": "blue"}, {"field": "t\u00e9", "value": "a\"\u0000b"}],
     "filters_operator": "OR", "expires_at": 1767225600, "epoch": 18446744073709551615},
    {"id": 4294967295, "digest": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "account": "shop", "filters": [], "expires_at": null}
  ]
})";

// One policy with `token` as its only token.
std::string with_token(const std::string& token) {
  return R"({"unfiltered":"allow","accounts":[{"name":"a","indices":["*"]}],"tokens":[)" + token +
         "]}";
}

std::string token(const std::string& members) {
  return R"({"id":1,"digest":")" + kDigest + R"(","account":"a",)" + members + "}";
}

std::vector<std::string> places(const Result<PolicySource>& result) {
  std::vector<std::string> out;
  for (const Problem& problem : result.problems()) out.push_back(problem.where);
  return out;
}

// The text of the only problem.
std::string problem_of(std::string_view json) {
  Result<PolicySource> result = load_policy(json);
  EXPECT_THAT(result.problems(), SizeIs(1));
  return result.problems().size() == 1
             ? result.problems()[0].where + ' ' + result.problems()[0].what
             : "";
}

TEST(LoadPolicy, ReadsEveryMember) {
  Result<PolicySource> result = load_policy(kGood);
  ASSERT_TRUE(result.ok()) << result.problems()[0].where << ' ' << result.problems()[0].what;
  const PolicySource& policy = result.value();
  EXPECT_EQ(policy.unfiltered, Unfiltered::kDeny);
  EXPECT_EQ(policy.upstream_version, "2.19.4");
  ASSERT_THAT(policy.accounts, SizeIs(1));
  EXPECT_EQ(policy.accounts[0].name, "shop");
  EXPECT_THAT(policy.accounts[0].indices, ElementsAre("logs-*", "orders"));
  ASSERT_THAT(policy.tokens, SizeIs(2));

  const Token& first = policy.tokens[0];
  EXPECT_EQ(first.id, 7U);
  EXPECT_EQ(first.digest.bytes[1], 0x01);
  EXPECT_EQ(first.digest.bytes[15], 0x0F);
  EXPECT_EQ(first.digest.bytes[31], 0xFF);
  EXPECT_EQ(first.account, "shop");
  ASSERT_THAT(first.filters, SizeIs(2));
  EXPECT_EQ(first.filters[0].field, "team");
  EXPECT_EQ(first.filters[0].value, "blue");
  EXPECT_EQ(first.filters[1].field, "t\xC3\xA9");
  EXPECT_EQ(first.filters[1].value, std::string("a\"\0b", 4));
  EXPECT_EQ(first.filters_operator, FiltersOperator::kOr);
  EXPECT_EQ(first.expires_at, 1767225600);
  EXPECT_EQ(first.epoch, 18446744073709551615U);

  const Token& second = policy.tokens[1];
  EXPECT_EQ(second.id, 4294967295U);
  EXPECT_THAT(second.filters, IsEmpty());
  EXPECT_EQ(second.filters_operator, FiltersOperator::kAnd);
  EXPECT_FALSE(second.expires_at.has_value());
  EXPECT_EQ(second.epoch, 1U);
}

TEST(LoadPolicy, ReadsAFormerDigest) {
  const std::string members = R"("filters":[],"expires_at":null)";
  const std::string former = R"(,"former_digest":")" + std::string(64, 'b') + '"';
  Result<PolicySource> both =
      load_policy(with_token(token(members + former + R"(,"former_until":9)")));
  ASSERT_TRUE(both.ok()) << both.problems()[0].where;
  EXPECT_EQ(both.value().tokens[0].former_digest.value().bytes[31], 0xBB);
  EXPECT_EQ(both.value().tokens[0].former_until, 9);
  Result<PolicySource> none =
      load_policy(with_token(token(members + R"(,"former_digest":null,"former_until":null)")));
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none.value().tokens[0].former_digest.has_value());
  EXPECT_FALSE(none.value().tokens[0].former_until.has_value());
  EXPECT_THAT(problem_of(with_token(token(members + R"(,"former_digest":"abc")"))),
              HasSubstr("/tokens/0/former_digest"));
  EXPECT_THAT(problem_of(with_token(token(members + R"(,"former_until":"soon")"))),
              HasSubstr("/tokens/0/former_until"));
}

TEST(LoadPolicy, WhatItReadsCompiles) {
  Result<PolicySource> source = load_policy(kGood);
  ASSERT_TRUE(source.ok());
  auto policy = compile_policy(source.value());
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy.value()->token_epoch(4294967295U, 0), 1U);
}

TEST(LoadPolicy, TheExampleOfTheDocumentationCompiles) {
  std::ifstream in(WEIR_SOURCE_DIR "/engine/POLICY_FORMAT.md");
  std::stringstream page;
  page << in.rdbuf();
  std::string text = page.str();
  std::size_t begin = text.find("```json\n");
  ASSERT_NE(begin, std::string::npos);
  begin += 8;
  Result<PolicySource> source = load_policy(text.substr(begin, text.find("```", begin) - begin));
  ASSERT_TRUE(source.ok()) << source.problems()[0].where << ' ' << source.problems()[0].what;
  EXPECT_TRUE(compile_policy(source.value()).ok());
}

TEST(LoadPolicy, TheVersionMayBeLeftOut) {
  Result<PolicySource> result = load_policy(R"({"unfiltered":"allow","accounts":[],"tokens":[]})");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().upstream_version, PolicySource().upstream_version);
  EXPECT_EQ(result.value().unfiltered, Unfiltered::kAllow);
}

TEST(LoadPolicy, NothingThatWidensIsAssumed) {
  EXPECT_THAT(places(load_policy("{}")), ElementsAre("", "", ""));
  EXPECT_THAT(problem_of(R"({"accounts":[],"tokens":[]})"), HasSubstr("`unfiltered` is missing"));
  EXPECT_THAT(problem_of(with_token(token(R"("expires_at":null)"))),
              HasSubstr("/tokens/0 `filters` is missing"));
  EXPECT_THAT(problem_of(with_token(token(R"("filters":[])"))),
              HasSubstr("/tokens/0 `expires_at` is missing"));
}

TEST(LoadPolicy, AccountsHaveAProfileAndScripts) {
  auto with_account = [](const std::string& members) {
    return R"({"unfiltered":"allow","accounts":[{"name":"a","indices":["*"])" + members +
           R"(}],"tokens":[]})";
  };
  auto account = [&](const std::string& members) {
    Result<PolicySource> result = load_policy(with_account(members));
    EXPECT_TRUE(result.ok()) << members;
    return result.ok() ? result.value().accounts.at(0) : Account{};
  };
  EXPECT_EQ(account("").profile, Profile::kSealed);
  EXPECT_EQ(account("").scripts, Scripts::kOff);
  EXPECT_EQ(account(R"(,"profile":"sealed","scripts":"off")").profile, Profile::kSealed);
  EXPECT_EQ(account(R"(,"profile":"relevance")").profile, Profile::kRelevance);
  EXPECT_EQ(account(R"(,"profile":"relevance")").scripts, Scripts::kOff);
  EXPECT_EQ(account(R"(,"scripts":"doc")").scripts, Scripts::kDoc);
  EXPECT_THAT(problem_of(with_account(R"(,"profile":"Relevance")")),
              HasSubstr("/accounts/0/profile `Relevance` is not understood"));
  EXPECT_THAT(problem_of(with_account(R"(,"scripts":true)")), HasSubstr("/accounts/0/scripts"));
  EXPECT_EQ(account("").fields, Fields::kVisible);
  EXPECT_EQ(account(R"(,"fields":"visible")").fields, Fields::kVisible);
  EXPECT_EQ(account(R"(,"fields":"mapping")").fields, Fields::kMapping);
  EXPECT_THAT(problem_of(with_account(R"(,"fields":"all")")), HasSubstr("/accounts/0/fields"));
}

TEST(LoadPolicy, AllProblemsComeInOneRun) {
  Result<PolicySource> result = load_policy(R"({
    "unfiltered": "maybe", "extra~/key": {}, "upstream_version": "",
    "accounts": [{"name": 1, "indices": "logs-*"}, [], {"indices": [null, "x"], "name": "b", "name": "b"}],
    "tokens": [
      {"id": 0.5, "digest": "abc", "account": null, "filters": [{"field": "f", "values": "v"}, "x"],
       "filters_operator": "XOR", "expires_at": "never", "epoch": -1},
      {}
    ]})");
  EXPECT_THAT(
      places(result),
      ElementsAre("/extra~0~1key", "/unfiltered", "/upstream_version", "/accounts/0/name",
                  "/accounts/0/indices", "/accounts/1", "/accounts/2/name", "/accounts/2/indices/0",
                  "/tokens/0/id", "/tokens/0/digest", "/tokens/0/account",
                  "/tokens/0/filters/0/values", "/tokens/0/filters/0", "/tokens/0/filters/1",
                  "/tokens/0/filters_operator", "/tokens/0/expires_at", "/tokens/0/epoch",
                  "/tokens/1", "/tokens/1", "/tokens/1", "/tokens/1", "/tokens/1"));
}

TEST(LoadPolicy, SaysWhatToWriteInstead) {
  EXPECT_EQ(problem_of(R"([])"), " an array stands here; write an object");
  EXPECT_EQ(problem_of(R"({"unfiltered":"no","accounts":[],"tokens":[]})"),
            "/unfiltered `no` is not understood; write `allow` or `deny`");
  EXPECT_EQ(problem_of(R"({"unfiltered":"deny","accounts":[],"tokens":[],"tokns":[]})"),
            "/tokns unknown key `tokns`; known here are `unfiltered` `upstream_version` "
            "`accounts` `tokens`");
  EXPECT_EQ(
      problem_of(with_token(token(R"("filters":[{"field":"n","value":8}],"expires_at":null)"))),
      "/tokens/0/filters/0/value a number stands here; write a string");
}

TEST(LoadPolicy, KeysAreComparedDecoded) {
  EXPECT_EQ(problem_of(R"({"unfiltered":"allow","accounts":[],"tokens":[],"\u0074okens":[]})"),
            "/tokens the key `tokens` is given twice; remove one");
}

TEST(LoadPolicy, ADigestIsNotShown) {
  std::string digest = "not-a-digest-but-a-secret";
  std::string text = problem_of(with_token(R"({"id":1,"digest":")" + digest +
                                           R"(","account":"a","filters":[],"expires_at":null})"));
  EXPECT_THAT(text, HasSubstr("/tokens/0/digest"));
  EXPECT_EQ(text.find(digest), std::string::npos);
}

TEST(LoadPolicy, NumbersOutOfRangeAreNotCut) {
  EXPECT_THAT(problem_of(with_token(token(R"("filters":[],"expires_at":9223372036854775808)"))),
              HasSubstr("/tokens/0/expires_at"));
  EXPECT_THAT(problem_of(with_token(
                  token(R"("filters":[],"expires_at":null,"epoch":18446744073709551616)"))),
              HasSubstr("/tokens/0/epoch"));
  EXPECT_THAT(problem_of(with_token(R"({"id":4294967296,"digest":")" + kDigest +
                                    R"(","account":"a","filters":[],"expires_at":null})")),
              HasSubstr("/tokens/0/id"));
}

TEST(LoadPolicy, TextsThatAreNotJsonAreRefusedWithTheirPlace) {
  EXPECT_THAT(problem_of(""), HasSubstr("1:1 not JSON: "));
  EXPECT_THAT(problem_of("{\n \"a\": tru}"), HasSubstr("2:"));
  EXPECT_THAT(problem_of(std::string(kGood) + "x"), HasSubstr("not JSON"));
  EXPECT_THAT(problem_of("{\"a\":\"\xFF\"}"), HasSubstr("not JSON"));
  EXPECT_THAT(problem_of("{\"a\":\"\xED\xA0\x80\"}"), HasSubstr("not JSON"));
  EXPECT_THAT(problem_of("{} // comment"), HasSubstr("1:4 not JSON"));
  EXPECT_THAT(problem_of("{\"a\":1,}"), HasSubstr("not JSON"));
  EXPECT_THAT(problem_of("\xEF\xBB\xBF{}"), HasSubstr("1:1 a byte order mark"));
  EXPECT_THAT(problem_of("\xBB\xBF{}"), HasSubstr("1:1 not JSON"));
}

TEST(LoadPolicy, ANulDoesNotEndTheText) {
  std::string text(kGood);
  text += '\0';
  EXPECT_THAT(problem_of(text), HasSubstr("a NUL byte"));
  EXPECT_THAT(problem_of(text + "garbage"), HasSubstr("a NUL byte"));
}

TEST(LoadPolicy, LoneSurrogatesAreNoCharacters) {
  for (const char* lone : {R"(\ud800)", R"(\udc00)", R"(\udc00\ud800)"}) {
    EXPECT_FALSE(load_policy(R"({"unfiltered":"allow","tokens":[],"accounts":[{"name":")" +
                             std::string(lone) + R"(","indices":["*"]}]})")
                     .ok())
        << lone;
  }
}

TEST(LoadPolicy, DeepNestingIsAProblemNotACrash) {
  std::string deep(1U << 20U, '[');
  EXPECT_FALSE(load_policy(deep).ok());
  EXPECT_FALSE(load_policy(deep + std::string(1U << 20U, ']')).ok());
}

TEST(LoadPolicy, ThousandsOfProblemsAreCut) {
  std::string json = R"({"unfiltered":"allow","accounts":[],"tokens":[0)";
  for (int i = 0; i < 5000; ++i) json += ",0";
  Result<PolicySource> result = load_policy(json + "]}");
  ASSERT_THAT(result.problems(), SizeIs(1001));
  EXPECT_THAT(result.problems().back().what, HasSubstr("more problems"));
}

}  // namespace
}  // namespace weir
