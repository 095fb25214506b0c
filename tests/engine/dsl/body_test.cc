// What the walk tells the rewriter about a body: its members, and where marked-up text needs the
// client's own query.
#include "dsl/section/body.h"

#include <gtest/gtest.h>

#include "dsl/section/hits.h"
#include "engine/dsl/golden.h"

namespace weir::test {
namespace {

struct Walked {
  Outcome outcome;
  SearchBody body;
  std::vector<BodyMember> members;  // what the body's members are after the walk's memory is gone
  std::vector<Walk::HighlightPlace> highlights;
  bool nested_sort = false;
  std::string pit_id;
};

Walked walk_body(std::string_view text) {
  Walked out;
  out.outcome = walk_text(text, {}, [&](Walk& walk) {
    bool walked = walk_search_body(walk, out.body);
    out.members.assign(out.body.members.begin(), out.body.members.end());
    out.body.members = out.members;
    out.highlights.assign(walk.highlights.begin(), walk.highlights.end());
    out.nested_sort = walk.nested_sort;
    out.pit_id = out.body.pit_id;
    return walked;
  });
  return out;
}

TEST(SearchBody, MembersStandWhereTheyStand) {
  std::string_view text =
      R"( {"from":5 , "size" : 10,"query":{"match_all":{}} ,"track_total_hits":true} )";
  Walked walked = walk_body(text);
  ASSERT_TRUE(walked.outcome.allowed);
  EXPECT_EQ(walked.body.inside, 2U);
  EXPECT_EQ(walked.body.from, 5U);
  EXPECT_EQ(walked.body.size, 10U);
  EXPECT_TRUE(walked.body.exact_total);
  EXPECT_FALSE(walked.body.has_aggs);
  EXPECT_EQ(walked.body.members.size(), 4U);
  const Range* query = walked.body.find("query");
  ASSERT_NE(query, nullptr);
  EXPECT_EQ(minified(text.substr(query->begin, query->size())), R"({"match_all":{}})");
  EXPECT_EQ(walked.body.find("aggs"), nullptr);
}

TEST(SearchBody, PointInTime) {
  std::string_view text = R"({"pit":{"id":"a\u0062c","keep_alive":"1m"}})";
  Walked walked = walk_body(text);
  ASSERT_TRUE(walked.outcome.allowed);
  EXPECT_EQ(walked.pit_id, "abc");
  Range id = walked.body.pit_id_value;
  EXPECT_EQ(text.substr(id.begin, id.size()), R"("a\u0062c")");
}

TEST(SearchBody, HighlightsThatNeedTheClientsQuery) {
  Walked walked =
      walk_body(R"({"highlight":{"fields":{"a":{}}},"aggs":{"t":{"top_hits":{"highlight":{}}},)"
                R"("u":{"top_hits":{"highlight":{"highlight_query":{"match_all":{}}}}}}})");
  ASSERT_TRUE(walked.outcome.allowed);
  ASSERT_EQ(walked.highlights.size(), 2U);
  EXPECT_EQ(walked.highlights[0].offset, 14U);
  EXPECT_TRUE(walked.highlights[0].has_members);
  EXPECT_FALSE(walked.highlights[1].has_members);
}

TEST(SearchBody, InnerHitsAreMarkedUpByTheirOwnQuery) {
  Walked walked = walk_body(R"({"query":{"nested":{"path":"a","query":{"match_all":{}},)"
                            R"("inner_hits":{"highlight":{"fields":{"a.b":{}}}}}}})");
  ASSERT_TRUE(walked.outcome.allowed);
  EXPECT_TRUE(walked.highlights.empty());
}

TEST(SearchBody, NestedSortIsRemembered) {
  EXPECT_TRUE(walk_body(R"({"sort":[{"a.b":{"nested":{"path":"a"}}}]})").nested_sort);
  EXPECT_FALSE(walk_body(R"({"sort":["a.b"]})").nested_sort);
}

TEST(SearchBody, NothingMayFollow) {
  EXPECT_EQ(walk_body("{} {}").outcome.code, "body.trailing");
  EXPECT_EQ(walk_body("{}x").outcome.code, "body.trailing");
}

TEST(CountBody, TakesAQueryOnly) {
  auto count = [](std::string_view text) {
    return walk_text(text, {}, [](Walk& walk) {
      SearchBody body;
      return walk_count_body(walk, body);
    });
  };
  EXPECT_TRUE(count("{}").allowed);
  EXPECT_TRUE(count(R"({"query":{"term":{"a":1}}})").allowed);
  EXPECT_EQ(count(R"({"query":{"match_all":{}},"size":1})").code, "body.key_unknown");
  EXPECT_EQ(count(R"({"query":{"match_all":{}}} 1)").code, "body.trailing");
  EXPECT_EQ(count(R"({"min_score":1})").code, "body.key_unknown");
}

TEST(SortParameter, IsHeldToTheSameRules) {
  Arena arena;
  DenyCode why = DenyCode::kUndecided;
  EXPECT_EQ(sort_from_parameter("a", Profile::kSealed, arena, why), R"("a")");
  EXPECT_EQ(sort_from_parameter("a:desc", Profile::kSealed, arena, why), R"({"a":"desc"})");
  EXPECT_EQ(sort_from_parameter("a\"b:asc", Profile::kSealed, arena, why), R"({"a\"b":"asc"})");
  EXPECT_EQ(sort_from_parameter("_doc", Profile::kSealed, arena, why), R"("_score")");
  EXPECT_EQ(sort_from_parameter("_doc", Profile::kRelevance, arena, why),
            R"({"weir..none":{"unmapped_type":"long"}})");
  EXPECT_EQ(sort_from_parameter("_score", Profile::kSealed, arena, why), R"("_score")");
  EXPECT_EQ(sort_from_parameter("_seq_no:asc", Profile::kSealed, arena, why), "");
  EXPECT_EQ(why, DenyCode::kSortDenied);
  EXPECT_EQ(sort_from_parameter("a:up", Profile::kSealed, arena, why), "");
  EXPECT_EQ(why, DenyCode::kSortShape);
  EXPECT_EQ(sort_from_parameter("", Profile::kSealed, arena, why), "");
  EXPECT_EQ(why, DenyCode::kSortShape);
}

}  // namespace
}  // namespace weir::test
