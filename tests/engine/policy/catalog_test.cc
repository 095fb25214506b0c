// What a token's searches are sent with when the indices behind its account are known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/policy.h"
#include "weir/engine.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr FieldKind kNone = FieldKind::kNone;
constexpr FieldKind kWord = FieldKind::kKeyword;
constexpr FieldKind kInt = FieldKind::kInteger;

Catalog sample_catalog() {
  return {{"team", "status"},
          {{"logs-b", "", {kWord, kInt}},
           {"logs-a", "", {kWord, kWord}},
           {"logs-text", "", {kNone, kInt}},
           {"logs-bare", "", {}},
           {".ds-logs-web-000001", "logs-web", {kWord, kNone}},
           {".ds-logs-lie-000001", "", {kWord, kWord}},
           {"other-z", "", {kWord, kWord}},
           {".ds-other-000001", "other", {kWord, kWord}}}};
}

// The body of a search by a token with these filters in account `default`, scope `logs-*`.
std::string body_for(std::vector<Filter> filters, FiltersOperator filters_operator,
                     std::shared_ptr<const Catalog> catalog,
                     std::string_view target = "/logs-*/_search") {
  PolicySource source;
  source.accounts.push_back({"default", {"logs-*"}});
  source.accounts[0].keeps_catalog = true;
  source.accounts[0].catalog = std::move(catalog);
  source.tokens.push_back(support::make_token(1, "one", std::move(filters)));
  source.tokens[0].filters_operator = filters_operator;
  auto policy = support::compile(source);
  Workspace workspace;
  TokenDigest digest = support::digest_of("one");
  RequestView request;
  request.method = Method::kPost;
  request.target = target;
  request.credential = &digest;
  request.now_seconds = support::kNow;
  Verdict verdict = decide(*policy, request, workspace);
  if (verdict.outcome() == Outcome::kDeny) return std::string(deny_info(verdict.deny_code()).code);
  std::string body;
  for (std::string_view piece : verdict.body()) body += piece;
  return body;
}

std::string body_for(std::vector<Filter> filters,
                     FiltersOperator filters_operator = FiltersOperator::kAnd) {
  return body_for(std::move(filters), filters_operator,
                  std::make_shared<Catalog>(sample_catalog()));
}

std::string wrapped(const std::string& clauses) {
  return R"({"terminate_after":2147483647,"query":{"constant_score":{"filter":{"bool":{"filter":[)" + clauses + R"(]}}}}})";
}

TEST(Catalog, NamesTheIndicesInWhichTheFilterIsExact) {
  EXPECT_EQ(body_for({{"team", "x"}}),
            wrapped(R"({"bool":{"filter":[{"term":{"team":{"value":"x"}}}]}},)"
                    R"({"terms":{"_index":[".ds-logs-web-000001","logs-a","logs-b"]}})"));
}

TEST(Catalog, ValuesHaveToFitTheKind) {
  EXPECT_THAT(body_for({{"status", "8"}}),
              HasSubstr(R"({"terms":{"_index":["logs-a","logs-b","logs-text"]}})"));
  EXPECT_THAT(body_for({{"status", "08"}}), HasSubstr(R"({"terms":{"_index":["logs-a"]}})"));
}

TEST(Catalog, AllFiltersMustBeExact) {
  EXPECT_THAT(body_for({{"team", "x"}, {"status", "8"}}),
              HasSubstr(R"({"terms":{"_index":["logs-a","logs-b"]}})"));
}

TEST(Catalog, NothingIsVisibleWhereNothingIsKnown) {
  EXPECT_THAT(body_for({{"colour", "x"}}), HasSubstr(R"(,{"match_none":{}}]}})"));
  EXPECT_EQ(body_for({}, FiltersOperator::kAnd, std::make_shared<Catalog>()),
            wrapped(R"({"match_none":{}})"));
}

TEST(Catalog, ATokenWithoutFiltersSeesItsScopeByName) {
  EXPECT_EQ(
      body_for({}),
      wrapped(
          R"({"terms":{"_index":[".ds-logs-web-000001","logs-a","logs-b","logs-bare","logs-text"]}})"));
}

TEST(Catalog, OrSeesEachFilterInItsOwnIndices) {
  EXPECT_EQ(
      body_for({{"team", "x"}, {"status", "8"}, {"team", "y"}}, FiltersOperator::kOr),
      wrapped(
          R"({"bool":{"should":[{"bool":{"filter":[{"terms":{"_index":[".ds-logs-web-000001","logs-a","logs-b"]}},)"
          R"({"bool":{"should":[{"term":{"team":{"value":"x"}}},{"term":{"team":{"value":"y"}}}],"minimum_should_match":1}}]}},)"
          R"({"bool":{"filter":[{"terms":{"_index":["logs-a","logs-b","logs-text"]}},)"
          R"({"bool":{"should":[{"term":{"status":{"value":"8"}}}],"minimum_should_match":1}}]}}],"minimum_should_match":1}},)"
          R"({"terms":{"_index":[".ds-logs-web-000001","logs-a","logs-b","logs-bare","logs-text"]}})"));
}

TEST(Catalog, OrWithOneListIsOneClause) {
  EXPECT_EQ(
      body_for({{"team", "x"}, {"team", "y"}}, FiltersOperator::kOr),
      wrapped(
          R"({"bool":{"should":[{"term":{"team":{"value":"x"}}},{"term":{"team":{"value":"y"}}}],"minimum_should_match":1}},)"
          R"({"terms":{"_index":[".ds-logs-web-000001","logs-a","logs-b"]}})"));
}

TEST(Catalog, UntilThereIsOneSearchesAreRefused) {
  EXPECT_EQ(body_for({{"team", "x"}}, FiltersOperator::kAnd, nullptr), "gate.mappings_unknown");
  EXPECT_EQ(body_for({}, FiltersOperator::kAnd, nullptr), "gate.mappings_unknown");
}

TEST(Catalog, TheSnapshotSaysWhichAccountWaits) {
  PolicySource source;
  source.accounts.push_back({"a", {"logs-*"}});
  EXPECT_EQ(support::compile(source)->awaits_catalog(), "");
  source.accounts.push_back({"b", {"logs-*"}});
  source.accounts[1].keeps_catalog = true;
  EXPECT_EQ(support::compile(source)->awaits_catalog(), "b");
  source.accounts[1].catalog = std::make_shared<Catalog>();
  EXPECT_EQ(support::compile(source)->awaits_catalog(), "");
}

TEST(Catalog, ListsAreSharedBetweenTokens) {
  auto catalog = std::make_shared<Catalog>();
  catalog->fields = {"team"};
  for (int i = 0; i < 2000; ++i) {
    catalog->indices.push_back({"logs-" + std::to_string(i), "", {kWord}});
  }
  PolicySource source;
  source.accounts.push_back({"default", {"logs-*"}});
  source.accounts[0].keeps_catalog = true;
  source.accounts[0].catalog = catalog;
  for (std::uint32_t i = 1; i <= 5000; ++i) {
    std::string name = std::to_string(i);
    source.tokens.push_back(support::make_token(i, name, {{"team", "t" + name}}));
  }
  auto policy = support::compile(source);
  auto body_of = [&](std::string_view secret) {
    Workspace workspace;
    TokenDigest digest = support::digest_of(secret);
    RequestView request;
    request.method = Method::kPost;
    request.target = "/logs-1/_search";
    request.credential = &digest;
    std::string body;
    Verdict verdict = decide(*policy, request, workspace);
    for (std::string_view piece : verdict.body()) body += piece;
    return body;
  };
  EXPECT_THAT(body_of("7"), HasSubstr("\"logs-1999\""));
  EXPECT_THAT(body_of("4999"), HasSubstr("\"t4999\""));
  EXPECT_THAT(body_of("4999"), Not(HasSubstr("\"t7\"")));
}

TEST(Catalog, IsReadFromJson) {
  auto source = load_policy(R"({"unfiltered":"deny","tokens":[],"accounts":[
    {"name":"a","indices":["logs-*"]},
    {"name":"b","indices":["logs-*"],"catalog":null},
    {"name":"c","indices":["logs-*"],"catalog":[
      {"index":"logs-1","fields":{"team":"keyword"}},
      {"index":".ds-logs-web-000001","data_stream":"logs-web","fields":{"ip":"ip","team":"long"}}]}]})");
  ASSERT_TRUE(source.ok());
  const auto& accounts = source.value().accounts;
  EXPECT_FALSE(accounts[0].keeps_catalog);
  EXPECT_TRUE(accounts[1].keeps_catalog);
  EXPECT_EQ(accounts[1].catalog, nullptr);
  const Catalog& catalog = *accounts[2].catalog;
  EXPECT_EQ(catalog.fields, (std::vector<std::string>{"team", "ip"}));
  EXPECT_EQ(catalog.indices[1].data_stream, "logs-web");
  EXPECT_EQ(catalog.indices[0].kinds, (std::vector<FieldKind>{kWord}));
  EXPECT_EQ(catalog.indices[1].kinds, (std::vector<FieldKind>{FieldKind::kLong, FieldKind::kIp}));
}

TEST(Catalog, ProblemsOfTheJsonHaveTheirPlace) {
  auto source = load_policy(
      R"({"unfiltered":"deny","tokens":[],"accounts":[{"name":"a","indices":["x"],"catalog":[
    {"index":"x"}, {"fields":{"f":"text","g":1,"h":"long","h":"long"}}, {"index":"x","fields":{},"uuid":"u"}, 7]},
    {"name":"b","indices":["x"],"catalog":{}}]})");
  std::vector<std::string> places;
  for (const Problem& problem : source.problems()) places.push_back(problem.where);
  EXPECT_THAT(places, testing::ElementsAre(
                          "/accounts/0/catalog/0", "/accounts/0/catalog/1",
                          "/accounts/0/catalog/1/fields/f", "/accounts/0/catalog/1/fields/g",
                          "/accounts/0/catalog/1/fields/h", "/accounts/0/catalog/2/uuid",
                          "/accounts/0/catalog/3", "/accounts/1/catalog"));
  EXPECT_THAT(
      source.problems()[2].what,
      HasSubstr("`text` is no kind of field on which filters are exact; leave the field out"));
}

}  // namespace
}  // namespace weir
