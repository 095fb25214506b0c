// The doors in front of the rewriters, and what a verdict promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "support/policy.h"
#include "weir/engine.h"

namespace weir {
namespace {

using support::digest_of;

class Decide : public testing::Test {
 protected:
  Verdict decide_for(std::string_view secret, Method method, std::string_view target,
                     std::string_view body = {}) {
    digest_ = digest_of(secret);
    RequestView request;
    request.method = method;
    request.target = target;
    request.body = body;
    if (!body.empty()) request.content_type = "application/json";
    request.credential = &digest_;
    request.now_seconds = support::kNow;
    request.sealer = sealer_;
    return decide(*snapshot_, request, workspace_);
  }

  static std::string body_of(const Verdict& verdict) {
    std::string out;
    for (std::string_view piece : verdict.body()) out += piece;
    return out;
  }

  support::PlainSealer plain_sealer_;
  const Sealer* sealer_ = &plain_sealer_;
  std::shared_ptr<const PolicySnapshot> snapshot_ = support::sample_snapshot();
  Workspace workspace_;
  TokenDigest digest_;
};

TEST_F(Decide, TheZeroVerdictDenies) {
  Verdict verdict;
  EXPECT_EQ(verdict.outcome(), Outcome::kDeny);
  EXPECT_EQ(verdict.deny_code(), DenyCode::kUndecided);
  EXPECT_EQ(verdict.status(), 403);
}

TEST_F(Decide, NoUnknownAndExpiredTokensAreTheSame401) {
  RequestView bare;
  bare.target = "/logs-2026/_search";
  Verdict none = decide(*snapshot_, bare, workspace_);
  Verdict unknown = decide_for("nobody", Method::kGet, "/logs-2026/_search");
  Verdict expired = decide_for("expired", Method::kGet, "/logs-2026/_search");
  for (const Verdict& verdict : {none, unknown, expired}) {
    EXPECT_EQ(verdict.outcome(), Outcome::kDeny);
    EXPECT_EQ(verdict.deny_code(), DenyCode::kTokenInvalid);
    EXPECT_EQ(verdict.status(), 401);
    EXPECT_EQ(verdict.token_id(), 0U);
    EXPECT_EQ(verdict.deny_path(), "");
  }
}

TEST_F(Decide, AWrongTokenIsToldNothingAboutItsRequest) {
  EXPECT_EQ(decide_for("nobody", Method::kGet, "//broken").deny_code(), DenyCode::kTokenInvalid);
  EXPECT_EQ(decide_for("nobody", Method::kDelete, "/x").deny_code(), DenyCode::kTokenInvalid);
}

TEST_F(Decide, NamesTheTokenAndItsEpoch) {
  Verdict verdict = decide_for("either", Method::kGet, "/logs-2026/_search");
  EXPECT_EQ(verdict.outcome(), Outcome::kForward);
  EXPECT_EQ(verdict.token_id(), 2U);
  EXPECT_EQ(verdict.token_epoch(), 1U);
  EXPECT_EQ(verdict.account(), "default");
  EXPECT_EQ(verdict.route(), "search");
  EXPECT_EQ(verdict.body_bytes(), body_of(verdict).size());
}

TEST_F(Decide, OrFiltersNeedAtLeastOne) {
  EXPECT_THAT(
      body_of(decide_for("either", Method::kGet, "/logs-2026/_search")),
      testing::HasSubstr(
          R"({"bool":{"should":[{"term":{"team":{"value":"a"}}},{"term":{"team":{"value":"b"}}}],)"
          R"("minimum_should_match":1}})"));
}

TEST_F(Decide, UnfilteredTokensStillHaveTheirScope) {
  Verdict verdict = decide_for("open", Method::kGet, "/_search");
  EXPECT_THAT(verdict.target(), testing::StartsWith("/logs-*/_search?"));
  EXPECT_THAT(body_of(verdict),
              testing::HasSubstr(R"("filter":[{"bool":{"filter":[{"terms":{"_index")"));
}

TEST_F(Decide, UnfilteredTokensCanBeSwitchedOff) {
  PolicySource source = support::sample_source();
  source.unfiltered = Unfiltered::kDeny;
  snapshot_ = support::compile(source);
  EXPECT_EQ(decide_for("open", Method::kGet, "/_search").deny_code(), DenyCode::kTokenUnfiltered);
  EXPECT_EQ(decide_for("payments", Method::kGet, "/_search").outcome(), Outcome::kForward);
}

TEST_F(Decide, FilterValuesAreWrittenAsJson) {
  PolicySource source = support::sample_source();
  source.tokens[0].filters = {{"te\"am", "x\" OR *\\\n\xC3\xA9"}};
  snapshot_ = support::compile(source);
  EXPECT_THAT(body_of(decide_for("payments", Method::kGet, "/_search")),
              testing::HasSubstr(R"({"term":{"te\"am":{"value":"x\" OR *\\\u000a)"
                                 "\xC3\xA9"
                                 R"("}}})"));
}

class DecideWithScores : public Decide {
 protected:
  void SetUp() override {
    PolicySource source = support::sample_source();
    source.accounts[0].profile = Profile::kRelevance;
    snapshot_ = support::compile(source);
  }
};

TEST_F(DecideWithScores, TheFilterStandsBesideTheQuery) {
  auto sent = [&](std::string_view secret, std::string_view target, std::string_view body) {
    Verdict verdict = decide_for(secret, Method::kPost, target, body);
    EXPECT_EQ(verdict.outcome(), Outcome::kForward) << deny_info(verdict.deny_code()).code;
    return body_of(verdict);
  };
  // What stands before the client's query in the sealed profile, without the levelling.
  auto snapshot = snapshot_;
  snapshot_ = support::sample_snapshot();
  std::string filters = sent("payments", "/logs-1/_search", "{}");
  snapshot_ = snapshot;
  constexpr std::string_view kSealed =
      R"({"terminate_after":2147483647,"query":{"constant_score":{"filter":{"bool":{"filter":[)";
  ASSERT_THAT(filters, testing::StartsWith(std::string(kSealed)));
  filters = filters.substr(kSealed.size(), filters.rfind("]}}}}}") - kSealed.size());
  const std::string open = R"({"query":{"bool":{"filter":[)" + filters + R"(],"must":[)";
  EXPECT_EQ(sent("payments", "/logs-1/_search", R"({"query":{"match":{"a":"x"}},"min_score":1.5})"),
            open + R"({"match":{"a":"x"}}]}},"min_score":1.5})");
  EXPECT_EQ(sent("payments", "/logs-1/_search", "{}"), open + R"({"match_all":{}}]}}})");
  EXPECT_THAT(sent("open", "/logs-1/_search", R"({"query":{"match_none":{}}})"),
              testing::EndsWith(R"(],"must":[{"match_none":{}}]}}})"));
  EXPECT_THAT(sent("payments", "/logs-1/_search?q=a:x&include_named_queries_score", ""),
              testing::AllOf(testing::HasSubstr(R"("must":[{"query_string":)"),
                             testing::Not(testing::HasSubstr("include_named_queries_score"))));
  // OpenSearch 3.4.0 reads the parameter, but takes it for nothing: it goes on as it came.
  EXPECT_THAT(
      decide_for("payments", Method::kGet, "/logs-1/_search?include_named_queries_score").target(),
      testing::EndsWith("&include_named_queries_score=true"));
  EXPECT_THAT(sent("payments", "/logs-1/_count?min_score=0.25", ""),
              testing::HasSubstr(R"("min_score":0.25)"));
  EXPECT_THAT(sent("payments", "/logs-1/_search?sort=_doc", ""),
              testing::HasSubstr(R"("sort":[{"weir..none":{"unmapped_type":"long"}}])"));
}

TEST_F(DecideWithScores, GroupsShowScoresBesideAQueryOnly) {
  constexpr std::string_view kTarget = "/logs-1/_search";
  for (auto [body, open] : {
           std::pair{R"({"collapse":{"field":"a","inner_hits":{"name":"x"}}})", false},
           {R"({"collapse":{"field":"a","inner_hits":{"sort":["a"],"track_scores":true}}})", false},
           {R"({"collapse":{"field":"a","inner_hits":{"sort":["a"]}}})", true},
           {R"({"query":{"match_all":{}},"collapse":{"field":"a","inner_hits":{}}})", true},
       }) {
    Verdict verdict = decide_for("payments", Method::kPost, kTarget, body);
    EXPECT_EQ(verdict.outcome(), open ? Outcome::kForward : Outcome::kDeny) << body;
  }
}

TEST_F(DecideWithScores, ReadsByIdStayLevel) {
  Verdict verdict = decide_for("payments", Method::kGet, "/logs-1/_doc/1");
  EXPECT_THAT(body_of(verdict), testing::StartsWith(R"({"query":{"constant_score":)"));
}

TEST_F(DecideWithScores, WhatTellsMoreThanScoresStaysShut) {
  for (std::string_view target :
       {"/logs-1/_search?explain=true", "/logs-1/_search?search_type=dfs_query_then_fetch",
        "/logs-1/_search?seq_no_primary_term", "/logs-1/_explain/1"}) {
    EXPECT_EQ(decide_for("payments", Method::kGet, target).outcome(), Outcome::kDeny) << target;
  }
  for (std::string_view value : {"", "1e3", ".5", "1.", "01", "NaN", "+1", "0x1", "1f", "--1"}) {
    std::string target = "/logs-1/_count?min_score=" + std::string(value);
    EXPECT_EQ(decide_for("payments", Method::kGet, target).deny_code(), DenyCode::kParamValue)
        << value;
  }
}

TEST_F(Decide, ScoresAreLevelUnlessTheAccountSaysOtherwise) {
  for (std::string_view target :
       {"/logs-1/_count?min_score=1", "/logs-1/_search?include_named_queries_score=true"}) {
    EXPECT_EQ(decide_for("payments", Method::kGet, target).deny_code(), DenyCode::kSearchScores);
  }
  EXPECT_EQ(
      decide_for("payments", Method::kGet, "/logs-1/_search?include_named_queries_score=false")
          .outcome(),
      Outcome::kForward);
}

TEST_F(Decide, BoundsTheSearchesForCollapsedValues) {
  Limits limits;
  limits.max_group_searches = 10;
  workspace_ = Workspace(limits);
  auto decided = [&](std::string_view rest) {
    std::string body = R"({"collapse":{"field":"a","inner_hits":[{"name":"x"},{"name":"y"}]},)";
    body += std::string(rest) + "}";
    return decide_for("payments", Method::kPost, "/logs-1/_search", body).deny_code();
  };
  EXPECT_EQ(decided(R"("size":5)"), DenyCode::kUndecided);
  EXPECT_EQ(decided(R"("size":6)"), DenyCode::kSearchWindow);
  EXPECT_EQ(decided(R"("size":5,"rescore":[])"), DenyCode::kBodyValue);
  EXPECT_EQ(decided(R"("size":5,"pit":{"id":"sealed-2-1-1-X"})"), DenyCode::kBodyKeyDenied);
}

TEST_F(Decide, CollapsedValuesAreSearchedBesideQueriesThatThreadsDoNotHarm) {
  for (auto [query, open] : {
           std::pair{R"({"bool":{"filter":{"exists":{"field":"a"}}}})", true},
           {R"({"term":{"a":"x"}})", false},
           {R"({"bool":{"must_not":[{"prefix":{"a":"x"}}]}})", false},
       }) {
    std::string body = R"({"collapse":{"field":"b","inner_hits":{"name":"x"}},"query":)" +
                       std::string(query) + "}";
    Verdict verdict = decide_for("payments", Method::kPost, "/logs-1/_search", body);
    EXPECT_EQ(verdict.outcome(), open ? Outcome::kForward : Outcome::kDeny) << query;
  }
  EXPECT_EQ(decide_for("payments", Method::kPost, "/logs-1/_search?q=x",
                       R"({"collapse":{"field":"b","inner_hits":{"name":"x"}}})")
                .deny_code(),
            DenyCode::kBodyKeyDenied);
}

TEST_F(Decide, CutsTheNamesOfBoostsToTheScope) {
  std::string body;
  auto decided = [&](std::string_view boosts) {
    body = R"({"indices_boost":)" + std::string(boosts) + "}";
    return decide_for("payments", Method::kPost, "/logs-1/_search", body);
  };
  EXPECT_THAT(body_of(decided(R"({ "logs-1" : 2.50 , "logs-2*":1})")),
              testing::HasSubstr(R"("indices_boost":[{"logs-1":2.50 },{"logs-2*":1}])"));
  EXPECT_THAT(body_of(decided(R"([{"*":2}])")),
              testing::HasSubstr(R"("indices_boost":[{"logs-*":2}])"));
  EXPECT_THAT(body_of(decided("[]")), testing::HasSubstr(R"("indices_boost":[])"));
  for (auto [boosts, code] : {
           std::pair{R"([{"other":2}])", DenyCode::kIndexScope},
           {R"([{"logs-1,logs-2":2}])", DenyCode::kIndexName},
           {R"([{"-logs-1":2}])", DenyCode::kIndexName},
           {R"([{"":2}])", DenyCode::kIndexName},
           {R"([{".hidden":2}])", DenyCode::kIndexHidden},
           {R"([{"far:logs-1":2}])", DenyCode::kIndexRemote},
       }) {
    EXPECT_EQ(decided(boosts).deny_code(), code) << boosts;
    EXPECT_EQ(decided(boosts).deny_path(), "/indices_boost");
  }
}

TEST_F(Decide, CursorsAreDeniedWithoutASealer) {
  sealer_ = nullptr;
  EXPECT_EQ(decide_for("payments", Method::kGet, "/logs-1/_search?scroll=1m").deny_code(),
            DenyCode::kCursorUnavailable);
  EXPECT_EQ(decide_for("payments", Method::kPost, "/logs-1/_search/point_in_time?keep_alive=1m")
                .deny_code(),
            DenyCode::kCursorUnavailable);
  EXPECT_EQ(decide_for("payments", Method::kPost, "/_search", R"({"pit":{"id":"x"}})").deny_code(),
            DenyCode::kCursorUnavailable);
  EXPECT_EQ(
      decide_for("payments", Method::kPost, "/_search/scroll", R"({"scroll_id":"x"})").deny_code(),
      DenyCode::kCursorUnavailable);
}

TEST_F(Decide, CursorsDieWithTheEpochTheyWereOpenedUnder) {
  std::string_view body = R"({"scroll_id":"sealed-1-1-1-X"})";
  EXPECT_EQ(decide_for("payments", Method::kPost, "/_search/scroll", body).outcome(),
            Outcome::kForward);
  PolicySource source = support::sample_source();
  source.tokens[0].epoch = 2;
  snapshot_ = support::compile(source);
  EXPECT_EQ(decide_for("payments", Method::kPost, "/_search/scroll", body).deny_code(),
            DenyCode::kCursorInvalid);
}

TEST_F(Decide, AWorkspaceCarriesNothingOver) {
  decide_for("payments", Method::kPost, "/logs-1/_search", R"({"query":{"term":{"a":"first"}}})");
  std::string second =
      body_of(decide_for("payments", Method::kPost, "/logs-1/_search", R"({"size":1})"));
  Workspace fresh;
  workspace_ = std::move(fresh);
  EXPECT_EQ(body_of(decide_for("payments", Method::kPost, "/logs-1/_search", R"({"size":1})")),
            second);
  EXPECT_THAT(second, testing::Not(testing::HasSubstr("first")));
}

TEST_F(Decide, HoldsBodiesToTheLimit) {
  Limits limits;
  limits.max_body_bytes = 10;
  workspace_ = Workspace(limits);
  Verdict verdict = decide_for("payments", Method::kPost, "/logs-1/_search", R"({"size":   1})");
  EXPECT_EQ(verdict.deny_code(), DenyCode::kBodyTooLarge);
  EXPECT_EQ(verdict.status(), 413);
}

TEST_F(Decide, RefusesBodiesWhereNoneIsTaken) {
  EXPECT_EQ(decide_for("payments", Method::kGet, "/logs-1/_doc/1", "{}").deny_code(),
            DenyCode::kBodyUnexpected);
}

TEST_F(Decide, HoldsTheLimitsOfListsAndBatches) {
  Limits limits;
  limits.max_msearch_items = 1;
  limits.max_mget_docs = 1;
  limits.max_cursor_ids = 1;
  limits.max_id_bytes = 3;
  workspace_ = Workspace(limits);
  EXPECT_EQ(
      decide_for("payments", Method::kPost, "/logs-1/_msearch", "{}\n{}\n{}\n{}\n").deny_code(),
      DenyCode::kMsearchTooMany);
  EXPECT_EQ(
      decide_for("payments", Method::kPost, "/logs-1/_mget", R"({"ids":["1","2"]})").deny_code(),
      DenyCode::kMgetTooMany);
  EXPECT_EQ(decide_for("payments", Method::kDelete, "/_search/scroll",
                       R"({"scroll_id":["sealed-1-1-1-A","sealed-1-1-1-B"]})")
                .deny_code(),
            DenyCode::kCursorTooMany);
  EXPECT_EQ(decide_for("payments", Method::kGet, "/logs-1/_doc/four").deny_code(),
            DenyCode::kDocId);
}

TEST_F(Decide, BodiesThatAreNeededMustBeThere) {
  for (std::string_view target : {"/_msearch", "/_mget"}) {
    EXPECT_EQ(decide_for("payments", Method::kPost, target).deny_code(), DenyCode::kBodyRequired)
        << target;
  }
  EXPECT_EQ(decide_for("payments", Method::kDelete, "/_search/point_in_time").deny_code(),
            DenyCode::kBodyRequired);
}

// The response side of one decision is fixed with it: nobody outside can make a verdict that
// forwards.
static_assert(!std::is_constructible_v<Verdict, Outcome>);

// The lines of an _msearch are indexed together. What is wrong with one of them is what is wrong
// with it as a search of its own, wherever it stands, and the others do not notice.
TEST_F(Decide, ALineOfAMultiSearchIsReadAsIfItWereAlone) {
  const std::string good = R"({"query":{"match":{"a":"b\\"}},"size":1})";
  const std::string header = R"({"index":"logs-1"})";
  const std::string good_pair = header + "\n" + good + "\n";
  const std::string alone = body_of(decide_for("payments", Method::kPost, "/_msearch", good_pair));
  ASSERT_FALSE(alone.empty());
  for (const std::string& bad : {
           std::string(R"({"query":{"match":{"a":"b}}})"),
           std::string(R"({"query":{"match":{"a":"b\)"),
           std::string(R"({"query":{"match":{"a":"b"}}} {})"),
           std::string(R"({"query":{"match":{"a":1"b"}}})"),
           std::string(R"({"query":{"match":{"a":tru}}})"),
           std::string(R"({"query":{"match":{"a":12345678x}}})"),
           std::string("\xEF\xBB\xBF{}"),
           std::string("{\"a\":\"\x01\"}"),
           std::string("{\"a\":\"\xFF\"}"),
           std::string("  \t"),
           std::string(R"({}\)"),
           std::string(R"(\)"),
           std::string("}"),
           std::string("["),
           std::string("{"),
           std::string(R"({"nothing":1})"),
           std::string(R"({"size":1,"size":2})"),
       }) {
    Verdict single = decide_for("payments", Method::kPost, "/logs-1/_search", bad);
    ASSERT_EQ(single.outcome(), Outcome::kDeny) << bad;
    DenyCode code = single.deny_code();
    std::string path(single.deny_path());
    std::string bad_pair = header + "\n" + bad + "\n";
    for (std::size_t before : {0U, 1U, 2U}) {
      std::string body;
      for (std::size_t i = 0; i < before; ++i) body += good_pair;
      body += bad_pair + good_pair;
      Verdict verdict = decide_for("payments", Method::kPost, "/_msearch", body);
      ASSERT_EQ(verdict.outcome(), Outcome::kForward) << body;
      ASSERT_EQ(verdict.plan().items.size(), before + 2);
      for (std::size_t i = 0; i < before + 2; ++i) {
        const PlanItem& item = verdict.plan().items[i];
        EXPECT_EQ(item.denied, i == before) << body;
        if (i != before) continue;
        EXPECT_EQ(item.code, code) << body;
        EXPECT_EQ(item.deny_path, path) << body;
      }
      std::string expected;
      for (std::size_t i = 0; i <= before; ++i) expected += alone;
      EXPECT_EQ(body_of(verdict), expected) << body;
    }
    // The same line as a header.
    Verdict verdict = decide_for("payments", Method::kPost, "/_msearch",
                                 good_pair + bad + "\n" + good + "\n" + good_pair);
    ASSERT_EQ(verdict.outcome(), Outcome::kForward) << bad;
    ASSERT_EQ(verdict.plan().items.size(), 3U);
    EXPECT_TRUE(verdict.plan().items[1].denied) << bad;
    EXPECT_EQ(body_of(verdict), alone + alone) << bad;
  }
}

}  // namespace
}  // namespace weir
