#include "route/route.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace weir {
namespace {

const std::map<std::string, Method> kMethods = {
    {"GET", Method::kGet},        {"HEAD", Method::kHead},     {"POST", Method::kPost},
    {"PUT", Method::kPut},        {"DELETE", Method::kDelete}, {"PATCH", Method::kPatch},
    {"OPTIONS", Method::kOptions}};

using Pair = std::pair<std::string, std::string>;  // method, path

std::set<Pair> opensearch_pairs() {
  std::ifstream file(WEIR_SOURCE_DIR "/tests/engine/route/opensearch_routes.txt");
  std::set<Pair> pairs;
  std::string method;
  std::string path;
  while (file >> method >> path) {
    // OpenSearch ignores it; a few paths are listed with and without.
    if (path.size() > 1 && path.back() == '/') path.pop_back();
    pairs.emplace(method, path);
  }
  return pairs;
}

std::vector<Row> all_rows() {
  std::vector<Row> rows(served_rows().begin(), served_rows().end());
  rows.insert(rows.end(), denied_rows().begin(), denied_rows().end());
  return rows;
}

// "/{index}/_doc/{id}" -> "/x1/_doc/x2": a path that only this template was made for.
std::string instance_of(std::string path) {
  for (int i = 1;; ++i) {
    std::size_t begin = path.find('{');
    if (begin == std::string::npos) return path;
    path.replace(begin, path.find('}') - begin + 1, "x" + std::to_string(i));
  }
}

class RouteTest : public ::testing::Test {
 protected:
  RouteMatch match(Method method, std::string_view raw) {
    arena_.reset();
    text_ = raw;
    std::string_view detail;
    auto denied = parse_target(text_, Limits(), arena_, target_, detail);
    EXPECT_EQ(denied, std::nullopt) << raw;
    return match_route(method, target_);
  }
  void expect_served(Method method, std::string_view raw, RouteId id) {
    EXPECT_EQ(match(method, raw).id, id) << method_name(method) << " " << raw;
  }
  void expect_denied(Method method, std::string_view raw, DenyCode code) {
    RouteMatch found = match(method, raw);
    EXPECT_EQ(found.id, RouteId::kNone) << method_name(method) << " " << raw;
    EXPECT_EQ(deny_info(found.deny).code, deny_info(code).code)
        << method_name(method) << " " << raw;
    bool served = found.row != nullptr && found.row->id != RouteId::kNone;
    EXPECT_EQ(found.name != "-", served) << raw;
  }

  std::string text_;
  Arena arena_;
  Target target_;
};

TEST_F(RouteTest, EveryPairOfOpenSearchHasItsRow) {
  auto pairs = opensearch_pairs();
  ASSERT_EQ(pairs.size(), 1312U);
  for (const auto& [method, path] : pairs) {
    RouteMatch found = match(kMethods.at(method), instance_of(path));
    ASSERT_NE(found.row, nullptr) << method << " " << path;
    EXPECT_EQ(found.row->path, path) << method;
    EXPECT_TRUE(takes(*found.row, kMethods.at(method))) << method << " " << path;
    if (found.id == RouteId::kNone) {
      EXPECT_NE(found.deny, DenyCode::kRouteUnknown) << path;
      EXPECT_NE(found.deny, DenyCode::kUndecided) << path;
    }
  }
}

TEST_F(RouteTest, NoRowIsUnknownToOpenSearchAndNoneIsThereTwice) {
  auto pairs = opensearch_pairs();
  std::size_t count = 0;
  std::set<Pair> seen;
  for (const Row& row : all_rows()) {
    for (const auto& [name, method] : kMethods) {
      if (!takes(row, method)) continue;
      EXPECT_TRUE(pairs.contains({name, std::string(row.path)})) << name << " " << row.path;
      EXPECT_TRUE(seen.emplace(name, row.path).second) << name << " " << row.path;
      ++count;
    }
  }
  EXPECT_EQ(count, pairs.size());
}

// What is not in OpenSearch's list for a path is refused as a method, never as something else.
TEST_F(RouteTest, EveryOtherMethodOfAKnownPathIsRefused) {
  auto pairs = opensearch_pairs();
  std::set<std::string> paths;
  for (const auto& pair : pairs) paths.insert(pair.second);
  for (const std::string& path : paths) {
    for (const auto& [name, method] : kMethods) {
      if (pairs.contains({name, path})) continue;
      // A name of the API in the place of the index is an index that does not exist.
      RouteMatch found = match(method, instance_of(path));
      if (found.id == RouteId::kIndexExists) continue;
      EXPECT_EQ(found.row, nullptr) << name << " " << path;
      EXPECT_EQ(found.deny, DenyCode::kRouteMethod) << name << " " << path;
    }
  }
}

TEST_F(RouteTest, ServedRoutesAreTheseOnly) {
  std::set<std::string> served;
  for (const auto& [method, path] : opensearch_pairs()) {
    if (match(kMethods.at(method), instance_of(path)).id != RouteId::kNone)
      served.insert(method + " " + path);
  }
  EXPECT_EQ(served.size(), 44U);
  for (const std::string& pair : served) {
    EXPECT_FALSE(pair.starts_with("PUT ") || pair.starts_with("PATCH ")) << pair;
    if (pair.starts_with("DELETE ")) {
      EXPECT_TRUE(pair.starts_with("DELETE /_search/")) << pair;
    }
  }
}

TEST_F(RouteTest, TakesPlaceholders) {
  RouteMatch found = match(Method::kGet, "/a%2Cb-%2A/_search");
  EXPECT_EQ(found.id, RouteId::kSearch);
  EXPECT_EQ(found.name, "search");
  EXPECT_EQ(found.index, "a,b-*");
  found = match(Method::kHead, "/logs/_doc/a%2Fb");
  EXPECT_EQ(found.id, RouteId::kDocument);
  EXPECT_EQ(found.index, "logs");
  EXPECT_EQ(found.doc_id, "a/b");
  EXPECT_EQ(match(Method::kGet, "/logs/_source/%2F").doc_id, "/");
  found = match(Method::kDelete, "/_search/scroll/abc,def");
  EXPECT_EQ(found.id, RouteId::kScrollClear);
  EXPECT_EQ(found.scroll_id, "abc,def");
  EXPECT_EQ(found.index, "");
  EXPECT_EQ(match(Method::kGet, "/_all/_search").index, "_all");
}

TEST_F(RouteTest, AnEncodedSlashIsForIdsOnly) {
  expect_denied(Method::kGet, "/a%2Fb/_search", DenyCode::kTargetEncoding);
  expect_denied(Method::kGet, "/a%2Fb/_doc/1", DenyCode::kTargetEncoding);
  expect_denied(Method::kHead, "/logs%2F_search", DenyCode::kTargetEncoding);
  expect_denied(Method::kGet, "/_search/scroll/a%2Fb", DenyCode::kTargetEncoding);
}

TEST_F(RouteTest, LiteralsAreNotDecodedAndHaveOneCase) {
  expect_denied(Method::kGet, "/logs/%5Fsearch", DenyCode::kRouteUnknown);
  expect_denied(Method::kGet, "/logs/_SEARCH", DenyCode::kRouteUnknown);
  expect_denied(Method::kPost, "/%5Fsearch", DenyCode::kRouteMethod);
  // An index of that name, which is no name of an index.
  EXPECT_EQ(match(Method::kHead, "/%5Fsearch").index, "_search");
}

TEST_F(RouteTest, LooksUpInOpenSearchsOrder) {
  RouteMatch found = match(Method::kGet, "/_alias/_search");
  EXPECT_EQ(found.id, RouteId::kSearch);
  EXPECT_EQ(found.index, "_alias");
  EXPECT_EQ(match(Method::kGet, "/views/_search").index, "views");
  expect_denied(Method::kHead, "/_search", DenyCode::kRouteMethod);
  expect_denied(Method::kHead, "/_cat", DenyCode::kRouteMethod);
}

TEST_F(RouteTest, AliasesOfTheDashboardsModuleAreDenied) {
  for (std::string_view path :
       {"/_opensearch_dashboards/_search", "/_opensearch_dashboards/_mget",
        "/_opensearch_dashboards/x/_search", "/_opensearch_dashboards/x/_mget",
        "/_opensearch_dashboards/x/_doc/1", "/_opensearch_dashboards/_search/scroll",
        "/_opensearch_dashboards/_search/scroll/x"}) {
    expect_denied(Method::kGet, path, DenyCode::kRouteUnsupported);
  }
  expect_denied(Method::kPost, "/_opensearch_dashboards/_bulk", DenyCode::kRouteWrite);
}

TEST_F(RouteTest, EverybodysCursorsAreDenied) {
  expect_denied(Method::kGet, "/_search/point_in_time/_all", DenyCode::kCursorAll);
  expect_denied(Method::kDelete, "/_search/point_in_time/_all", DenyCode::kCursorAll);
  expect_denied(Method::kDelete, "/_search/scroll/_all", DenyCode::kCursorAll);
  expect_denied(Method::kDelete, "/_search/scroll/%5Fall", DenyCode::kCursorAll);
}

TEST_F(RouteTest, EachClassHasItsReason) {
  expect_denied(Method::kPost, "/_bulk", DenyCode::kRouteWrite);
  expect_denied(Method::kPut, "/logs/_doc/1", DenyCode::kRouteWrite);
  expect_denied(Method::kPost, "/logs/_update_by_query", DenyCode::kRouteWrite);
  expect_denied(Method::kDelete, "/logs", DenyCode::kRouteAdmin);
  expect_denied(Method::kGet, "/logs", DenyCode::kRouteMetadata);
  expect_denied(Method::kGet, "/_cat/indices", DenyCode::kRouteMetadata);
  expect_denied(Method::kGet, "/_cluster/health", DenyCode::kRouteCluster);
  expect_denied(Method::kPost, "/_msearch/template", DenyCode::kRouteScript);
  expect_denied(Method::kPost, "/_plugins/_sql", DenyCode::kRoutePlugin);
  expect_denied(Method::kPost, "/logs/_plugins/_asynchronous_search", DenyCode::kRoutePlugin);
  expect_denied(Method::kGet, "/logs/_explain/1", DenyCode::kRouteUnsupported);
  expect_denied(Method::kGet, "/_cat/count/logs", DenyCode::kRouteUnsupported);
  expect_denied(Method::kGet, "/no/such/path/at/all", DenyCode::kRouteUnknown);
  expect_denied(Method::kGet, "/logs/_doc", DenyCode::kRouteMethod);
  expect_denied(Method::kOptions, "/_search", DenyCode::kRouteMethod);
  expect_denied(Method::kOptions, "/", DenyCode::kRouteMethod);
}

TEST_F(RouteTest, LongPathsAreUnknown) {
  std::string path;
  for (int i = 0; i < 40; ++i) path += "/x";
  expect_denied(Method::kGet, path, DenyCode::kRouteUnknown);
}

TEST(RouteInfo, EveryServedRouteIsNamedOnceAndDescribed) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kRouteCount; ++i) {
    const RouteInfo& info = route_info(static_cast<RouteId>(i));
    EXPECT_EQ(info.id, static_cast<RouteId>(i));
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(info.does.empty(), i == 0);
    EXPECT_EQ(info.answered.empty(), i == 0);
  }
  for (const Row& row : served_rows()) EXPECT_NE(row.id, RouteId::kNone) << row.path;
}

}  // namespace
}  // namespace weir
