// Every bound of limits.h that the language holds a body to: the last value within, the first one
// beyond.
#include <gtest/gtest.h>

#include "engine/dsl/golden.h"

namespace weir::test {
namespace {

std::string repeat(std::string_view text, std::size_t times, std::string_view between = "") {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    if (i > 0) out += between;
    out += text;
  }
  return out;
}

std::string nested_bools(std::size_t depth) {
  return repeat(R"({"bool":{"must":)", depth - 1) + R"({"match_all":{}})" + repeat("}}", depth - 1);
}

std::string nested_aggs(std::size_t depth) {
  return repeat(R"({"a":{"terms":{"field":"x"},"aggs":)", depth - 1) +
         R"({"a":{"max":{"field":"x"}}})" + repeat("}}", depth - 1);
}

void expect_denied(const Outcome& outcome, std::string_view code) {
  EXPECT_FALSE(outcome.allowed);
  EXPECT_EQ(outcome.code, code) << outcome.path;
}

TEST(Limits, JsonDepth) {
  Limits limits;
  limits.max_json_depth = 8;
  EXPECT_TRUE(walk_any_text(repeat("[", 8) + repeat("]", 8), limits).allowed);
  expect_denied(walk_any_text(repeat("[", 9) + repeat("]", 9), limits), "body.too_deep");
  expect_denied(walk_any_text(repeat(R"({"a":)", 9) + "1" + repeat("}", 9), limits),
                "body.too_deep");
}

TEST(Limits, NumberBytes) {
  EXPECT_TRUE(walk_any_text(repeat("1", 1000)).allowed);
  expect_denied(walk_any_text(repeat("1", 1001)), "body.number");
  expect_denied(walk_body_text(R"({"size":)" + repeat("1", 1001) + "}"), "body.number");
}

TEST(Limits, KeyBytes) {
  EXPECT_TRUE(walk_any_text(R"({")" + repeat("a", 50000) + R"(":1})").allowed);
  EXPECT_TRUE(walk_any_text(R"({")" + repeat("\\u0061", 50000) + R"(":1})").allowed);
  expect_denied(walk_any_text(R"({")" + repeat("a", 50001) + R"(":1})"), "body.key_unknown");
}

TEST(Limits, QueryDepth) {
  Limits limits;
  limits.max_query_depth = 10;
  EXPECT_TRUE(walk_query_text(nested_bools(10), limits).allowed);
  expect_denied(walk_query_text(nested_bools(11), limits), "query.too_deep");
  expect_denied(walk_query_text(nested_bools(300)), "query.too_deep");
  expect_denied(walk_query_text(nested_bools(1000000)), "query.too_deep");
}

TEST(Limits, AggregationDepth) {
  Limits limits;
  limits.max_agg_depth = 5;
  EXPECT_TRUE(walk_aggs_text(nested_aggs(5), limits).allowed);
  expect_denied(walk_aggs_text(nested_aggs(6), limits), "agg.too_deep");
}

TEST(Limits, Clauses) {
  Limits limits;
  limits.max_clauses = 5;
  auto clauses = [](std::size_t n) {
    return R"({"bool":{"should":[)" + repeat(R"({"match_all":{}})", n, ",") + "]}}";
  };
  EXPECT_TRUE(walk_query_text(clauses(4), limits).allowed);
  expect_denied(walk_query_text(clauses(5), limits), "query.too_many");
  // Queries in aggregations count with those of the query.
  std::string body =
      R"({"query":)" + clauses(2) +
      R"(,"aggs":{"a":{"filters":{"filters":[{"match_all":{}},{"match_all":{}}]}}}})";
  EXPECT_TRUE(walk_body_text(body, limits).allowed);
  limits.max_clauses = 4;
  expect_denied(walk_body_text(body, limits), "query.too_many");
}

TEST(Limits, Aggregations) {
  Limits limits;
  limits.max_aggs = 2;
  EXPECT_TRUE(
      walk_aggs_text(R"({"a":{"max":{"field":"x"}},"b":{"max":{"field":"x"}}})", limits).allowed);
  expect_denied(
      walk_aggs_text(
          R"({"a":{"max":{"field":"x"}},"b":{"max":{"field":"x"}},"c":{"max":{"field":"x"}}})",
          limits),
      "agg.too_many");
}

TEST(Limits, ListedValues) {
  Limits limits;
  limits.max_terms = 3;
  for (const auto& [head, tail, value] :
       {std::tuple{R"({"terms":{"a":[)", "]}}", "1"},
        {R"({"ids":{"values":[)", "]}}", R"("1")"},
        {R"({"geo_polygon":{"a":{"points":[)", "]}}}", R"("1,1")"}}) {
    EXPECT_TRUE(walk_query_text(head + repeat(value, 3, ",") + tail, limits).allowed) << head;
    expect_denied(walk_query_text(head + repeat(value, 4, ",") + tail, limits), "query.too_many");
  }
  auto include = [](std::size_t n) {
    return R"({"a":{"terms":{"field":"a","include":[)" + repeat("1", n, ",") + "]}}}";
  };
  EXPECT_TRUE(walk_aggs_text(include(3), limits).allowed);
  expect_denied(walk_aggs_text(include(4), limits), "query.too_many");
}

TEST(Limits, QueryTexts) {
  Limits limits;
  limits.max_query_string_bytes = 10;
  for (std::string_view type : {"query_string", "simple_query_string"}) {
    auto text = [&](std::size_t n) {
      return R"({")" + std::string(type) + R"(":{"query":")" + std::string(n, 'a') + R"("}})";
    };
    EXPECT_TRUE(walk_query_text(text(10), limits).allowed);
    expect_denied(walk_query_text(text(11), limits), "body.value");
    auto groups = [&](std::size_t n) {
      return R"({")" + std::string(type) + R"(":{"query":")" + repeat("(", n) + "a" +
             repeat(")", n) + R"("}})";
    };
    EXPECT_TRUE(walk_query_text(groups(256)).allowed);
    expect_denied(walk_query_text(groups(257)), "query.too_many");
  }
}

TEST(Limits, RegularExpressions) {
  Limits limits;
  limits.max_regexp_bytes = 5;
  EXPECT_TRUE(walk_query_text(R"({"regexp":{"a":"12345"}})", limits).allowed);
  expect_denied(walk_query_text(R"({"regexp":{"a":"123456"}})", limits), "body.value");
  expect_denied(walk_query_text(R"({"regexp":{"a":{"value":"123456"}}})", limits), "body.value");
  EXPECT_TRUE(walk_aggs_text(R"({"a":{"terms":{"field":"a","include":"12345"}}})", limits).allowed);
  expect_denied(walk_aggs_text(R"({"a":{"terms":{"field":"a","include":"123456"}}})", limits),
                "body.value");
  expect_denied(walk_aggs_text(R"({"a":{"rare_terms":{"field":"a","exclude":"123456"}}})", limits),
                "body.value");
}

TEST(Limits, BucketsAndHits) {
  Limits limits;
  limits.max_agg_size = 7;
  limits.max_result_window = 9;
  for (std::string_view type :
       {"terms", "multi_terms", "composite", "geotile_grid", "bucket_sort"}) {
    auto sized = [&](std::string_view size) {
      return R"({"a":{")" + std::string(type) + R"(":{"size":)" + std::string(size) + "}}}";
    };
    EXPECT_TRUE(walk_aggs_text(sized("7"), limits).allowed) << type;
    expect_denied(walk_aggs_text(sized("8"), limits), "agg.size");
  }
  auto ranges = [](std::size_t n) {
    return R"({"a":{"range":{"field":"n","ranges":[)" + repeat(R"({"to":1})", n, ",") + "]}}}";
  };
  EXPECT_TRUE(walk_aggs_text(ranges(7), limits).allowed);
  expect_denied(walk_aggs_text(ranges(8), limits), "agg.size");
  EXPECT_TRUE(walk_aggs_text(R"({"a":{"top_hits":{"size":9}}})", limits).allowed);
  expect_denied(walk_aggs_text(R"({"a":{"top_hits":{"from":10}}})", limits), "search.window");
  expect_denied(
      walk_query_text(
          R"({"nested":{"path":"a","query":{"match_all":{}},"inner_hits":{"size":10}}})", limits),
      "search.window");
}

}  // namespace
}  // namespace weir::test
