#include "route/params.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace weir {
namespace {

std::string code_of(std::optional<DenyCode> denied) {
  return std::string(denied ? deny_info(*denied).code : "ok");
}

std::string check(RouteId route, std::string_view name, std::string_view value) {
  const ParamRow* row = find_param(route, name);
  if (row == nullptr) return "param.unknown";
  return code_of(check_param(*row, {name, value, true}, Limits()));
}

class ParamsTest : public ::testing::Test {
 protected:
  std::string check_target(Method method, std::string_view raw) {
    if (auto denied = parse_target(raw, Limits(), arena_, target_, detail_)) return code_of(denied);
    RouteMatch match = match_route(method, target_);
    if (match.id == RouteId::kNone) return code_of(match.deny);
    return code_of(check_params(match, target_, Limits(), detail_));
  }
  Arena arena_;
  Target target_;
  std::string_view detail_;
};

// Calls `see(route, name, line)` for every parameter OpenSearch knows for a served endpoint.
template <typename See>
void for_each_known(See see) {
  const std::map<std::string, Method> methods = {{"GET", Method::kGet},
                                                 {"HEAD", Method::kHead},
                                                 {"POST", Method::kPost},
                                                 {"DELETE", Method::kDelete}};
  std::ifstream file(WEIR_SOURCE_DIR "/tests/engine/route/opensearch_params.txt");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string method;
    std::string path;
    std::string name;
    words >> method >> path >> name;
    RouteId route = RouteId::kNone;
    for (const Row& row : served_rows()) {
      if (row.path == path && takes(row, methods.at(method))) route = row.id;
    }
    ASSERT_NE(route, RouteId::kNone) << line;
    see(route, path, name, line);
  }
}

TEST(ParamsLedger, EveryParameterOpenSearchKnowsHasADecision) {
  std::size_t count = 0;
  for_each_known(
      [&](RouteId route, const std::string&, const std::string& name, const std::string& line) {
        EXPECT_NE(find_param(route, name), nullptr) << line;
        ++count;
      });
  EXPECT_EQ(count, 931U);
}

TEST(ParamsLedger, NoRowIsThereTwiceOrUnknownToOpenSearch) {
  std::set<std::pair<RouteId, std::string>> known;
  for_each_known([&](RouteId route, const std::string&, const std::string& name,
                     const std::string&) { known.emplace(route, name); });
  // Known to OpenSearch, but not in the list that was made by probing it.
  known.emplace(RouteId::kPitCreate, "keep_alive");
  known.emplace(RouteId::kPitCreate, "allow_partial_pit_creation");
  known.emplace(RouteId::kSearch, "min_score");
  known.emplace(RouteId::kSearchTemplate, "profile");
  for (std::size_t i = 1; i < kRouteCount; ++i) {
    auto route = static_cast<RouteId>(i);
    std::set<std::string_view> names;
    for (const ParamRow& row : common_param_rows(route))
      EXPECT_TRUE(names.insert(row.name).second) << row.name;
    for (const ParamRow& row : param_rows(route)) {
      EXPECT_TRUE(names.insert(row.name).second) << row.name;
      EXPECT_TRUE(known.contains({route, std::string(row.name)}))
          << route_info(route).name << " " << row.name;
      bool denied = row.use == ParamUse::kDenied;
      EXPECT_EQ(row.kind == ValueKind::kNone, denied) << row.name;
    }
  }
}

TEST(Params, DeniesWhatCannotBeFiltered) {
  for (std::string_view name : {"source", "source_content_type", "suggest_field", "suggest_mode",
                                "suggest_size", "suggest_text", "search_pipeline", "min_score",
                                "cancel_after_time_interval", "verbose_pipeline", "index", "id"}) {
    for (std::string_view value : {"", "true", "false", "1"}) {
      EXPECT_EQ(check(RouteId::kSearch, name, value), "param.denied") << name;
    }
  }
  EXPECT_EQ(check(RouteId::kCount, "terminate_after", "1"), "param.denied");
  EXPECT_EQ(check(RouteId::kDocument, "version", "1"), "param.denied");
  EXPECT_EQ(check(RouteId::kDocument, "version_type", "internal"), "param.denied");
  EXPECT_EQ(check(RouteId::kDocument, "filter_path", "_source"), "param.denied");
  EXPECT_EQ(check(RouteId::kCount, "filter_path", "-count"), "param.denied");
  EXPECT_EQ(check(RouteId::kSearch, "search_type", "count"), "param.value");
  EXPECT_EQ(check(RouteId::kMultiSearch, "search_type", ""), "param.denied");
  EXPECT_EQ(check(RouteId::kMultiGet, "index", "secret"), "param.denied");
}

TEST(Params, AcceptsOnlyWhatWeirDoesAnyway) {
  struct Case {
    RouteId route;
    std::string_view name, good;
    std::vector<std::string_view> bad;
  };
  const std::vector<Case> cases = {
      {RouteId::kSearch, "explain", "false", {"true", "", "TRUE", "no"}},
      {RouteId::kSearch, "seq_no_primary_term", "false", {"true", ""}},
      {RouteId::kSearch, "phase_took", "false", {"true", ""}},
      {RouteId::kDocument, "refresh", "false", {"true", "", "wait_for"}},
      {RouteId::kSearch, "error_trace", "false", {"true", ""}},
      {RouteId::kSearch, "format", "json", {"yaml", "cbor", "smile", "", "JSON"}}};
  for (const Case& test : cases) {
    EXPECT_EQ(check(test.route, test.name, test.good), "ok") << test.name;
    for (std::string_view bad : test.bad)
      EXPECT_EQ(check(test.route, test.name, bad), "param.denied") << test.name << bad;
  }
}

TEST(Params, AcceptsWhatMakesNoDifferenceHere) {
  for (std::string_view value : {"true", "false", ""}) {
    EXPECT_EQ(check(RouteId::kSearch, "allow_partial_search_results", value), "ok");
    EXPECT_EQ(check(RouteId::kSearch, "ccs_minimize_roundtrips", value), "ok");
    EXPECT_EQ(check(RouteId::kPitCreate, "allow_partial_pit_creation", value), "ok");
  }
  EXPECT_EQ(check(RouteId::kSearch, "stats", "a,b"), "ok");
  EXPECT_EQ(check(RouteId::kSearch, "pre_filter_shard_size", "1"), "ok");
  EXPECT_EQ(check(RouteId::kSearch, "pre_filter_shard_size", "0"), "param.value");
  EXPECT_EQ(check(RouteId::kSearch, "batched_reduce_size", "2"), "ok");
  EXPECT_EQ(check(RouteId::kSearch, "batched_reduce_size", "1"), "param.value");
}

TEST(Params, BooleansAreExact) {
  for (std::string_view good : {"true", "false", ""})
    EXPECT_EQ(check(RouteId::kSearch, "lenient", good), "ok");
  for (std::string_view bad : {"TRUE", "1", "0", "yes", "on", " true", "true "}) {
    EXPECT_EQ(check(RouteId::kSearch, "lenient", bad), "param.value") << bad;
  }
  EXPECT_TRUE(bool_value({"x", "", false}));
  EXPECT_TRUE(bool_value({"x", "true", true}));
  EXPECT_FALSE(bool_value({"x", "false", true}));
}

TEST(Params, NumbersAreDigitsInRange) {
  for (std::string_view good : {"0", "10", "2147483647"})
    EXPECT_EQ(check(RouteId::kSearch, "size", good), "ok");
  for (std::string_view bad :
       {"", "-1", "+1", "1.0", "1e3", "0x1", " 1", "2147483648", "99999999999999999999"}) {
    EXPECT_EQ(check(RouteId::kSearch, "size", bad), "param.value") << bad;
  }
  EXPECT_EQ(check(RouteId::kSearch, "max_concurrent_shard_requests", "256"), "ok");
  EXPECT_EQ(check(RouteId::kSearch, "max_concurrent_shard_requests", "0"), "param.value");
  EXPECT_EQ(check(RouteId::kSearch, "max_concurrent_shard_requests", "257"), "param.value");
  for (std::string_view good : {"true", "false", "1000"})
    EXPECT_EQ(check(RouteId::kSearch, "track_total_hits", good), "ok");
  for (std::string_view bad : {"", "TRUE", "-1"})
    EXPECT_EQ(check(RouteId::kSearch, "track_total_hits", bad), "param.value");
}

TEST(Params, TimesNeedAUnit) {
  EXPECT_EQ(parse_time_ms("0s"), 0U);
  EXPECT_EQ(parse_time_ms("1500micros"), 1U);
  EXPECT_EQ(parse_time_ms("2500000nanos"), 2U);
  EXPECT_EQ(parse_time_ms("30000ms"), 30000U);
  EXPECT_EQ(parse_time_ms("5m"), 300000U);
  EXPECT_EQ(parse_time_ms("2h"), 7200000U);
  EXPECT_EQ(parse_time_ms("1d"), 86400000U);
  for (std::string_view bad :
       {"", "1", "s", "-1s", "1.5s", "1 s", "1S", "1w", "1y", "99999999999d", "1s "}) {
    EXPECT_EQ(parse_time_ms(bad), std::nullopt) << bad;
    EXPECT_EQ(check(RouteId::kSearch, "timeout", bad), "param.value") << bad;
  }
  EXPECT_EQ(check(RouteId::kSearch, "timeout", "30s"), "ok");
}

TEST(Params, KeepAlivesAreBounded) {
  for (auto [route, name] :
       {std::pair(RouteId::kSearch, "scroll"), std::pair(RouteId::kScrollNext, "scroll"),
        std::pair(RouteId::kPitCreate, "keep_alive")}) {
    for (std::string_view good : {"1ms", "1m", "3600s", "1h", "60m"})
      EXPECT_EQ(check(route, name, good), "ok") << good;
    for (std::string_view bad :
         {"", "1", "0s", "999micros", "3601s", "3600001ms", "2h", "10000000000d", "true"}) {
      EXPECT_EQ(check(route, name, bad), "cursor.keep_alive") << bad;
    }
  }
}

TEST(Params, ListsHaveNoEmptyItems) {
  for (std::string_view good : {"a", "a,b.c", "a:desc,b:asc", "_source"})
    EXPECT_EQ(check(RouteId::kSearch, "sort", good), "ok");
  for (std::string_view bad : {"", ",", "a,", ",a", "a,,b", "a*"})
    EXPECT_EQ(check(RouteId::kSearch, "sort", bad), "param.value") << bad;
  EXPECT_EQ(check(RouteId::kSearch, "_source", "a*,b"), "ok");
  EXPECT_EQ(check(RouteId::kSearch, "_source", "false"), "ok");
  EXPECT_EQ(check(RouteId::kFieldCaps, "fields", "*"), "ok");
  EXPECT_EQ(check(RouteId::kFieldCaps, "fields", ""), "param.value");
  EXPECT_EQ(check(RouteId::kFieldCaps, "fields", std::string(4097, 'a')), "param.value");
}

TEST(Params, WildcardsExpandToOpenIndicesOnly) {
  for (std::string_view good : {"open", "none", "open,none"})
    EXPECT_EQ(check(RouteId::kSearch, "expand_wildcards", good), "ok");
  for (std::string_view bad : {"hidden", "all", "open,hidden", "closed,all"}) {
    EXPECT_EQ(check(RouteId::kSearch, "expand_wildcards", bad), "index.hidden") << bad;
  }
  for (std::string_view bad : {"closed", "open,closed"})
    EXPECT_EQ(check(RouteId::kSearch, "expand_wildcards", bad), "param.denied");
  for (std::string_view bad : {"", "OPEN", "open,", "open, none", "x"}) {
    EXPECT_EQ(check(RouteId::kSearch, "expand_wildcards", bad), "param.value") << bad;
  }
}

TEST(Params, PreferencesAreCustomStrings) {
  for (std::string_view good : {"1700000000000", "a", "A-b_c.d"})
    EXPECT_EQ(check(RouteId::kSearch, "preference", good), "ok");
  for (std::string_view bad : {"_local", "_only_local", "_shards:0", "_primary", "_"}) {
    EXPECT_EQ(check(RouteId::kSearch, "preference", bad), "param.denied") << bad;
  }
  for (std::string_view bad : {"", "-a", "a|b", "a b", "a:b", "\xc3\xa9"}) {
    EXPECT_EQ(check(RouteId::kSearch, "preference", bad), "param.value") << bad;
  }
  EXPECT_EQ(check(RouteId::kSearch, "preference", std::string(128, 'a')), "ok");
  EXPECT_EQ(check(RouteId::kSearch, "preference", std::string(129, 'a')), "param.value");
}

TEST(Params, OtherTexts) {
  EXPECT_EQ(check(RouteId::kSearch, "default_operator", "AND"), "ok");
  EXPECT_EQ(check(RouteId::kSearch, "default_operator", "or"), "ok");
  EXPECT_EQ(check(RouteId::kSearch, "default_operator", "And"), "param.value");
  EXPECT_EQ(check(RouteId::kSearch, "default_operator", "AND|OR"), "param.value");
  EXPECT_EQ(check(RouteId::kSearch, "filter_path", "hits.hits._source,-took,**.x"), "ok");
  EXPECT_EQ(check(RouteId::kSearch, "filter_path", ""), "param.value");
  EXPECT_EQ(check(RouteId::kSearch, "filter_path", "a b"), "param.value");
  EXPECT_EQ(check(RouteId::kSearch, "routing", "a,b"), "ok");
  EXPECT_EQ(check(RouteId::kSearch, "routing", ""), "param.value");
  EXPECT_EQ(check(RouteId::kSearch, "routing", std::string(513, 'a')), "param.value");
  EXPECT_EQ(check(RouteId::kSearch, "q", ""), "ok");
}

TEST_F(ParamsTest, ChecksARequestAsAWhole) {
  EXPECT_EQ(
      check_target(
          Method::kPost,
          "/logs-*/"
          "_search?ignore_unavailable=true&track_total_hits=true&timeout=30000ms&preference=1700"),
      "ok");
  EXPECT_EQ(check_target(Method::kPost,
                         "/_msearch?rest_total_hits_as_int=true&ignore_throttled=false&max_"
                         "concurrent_shard_requests=5"),
            "ok");
  EXPECT_EQ(check_target(Method::kGet, "/?pretty&filter_path=version.number"), "ok");
  EXPECT_EQ(check_target(Method::kGet, "/_search?index=secret"), "param.denied");
  EXPECT_EQ(detail_, "index");
  EXPECT_EQ(check_target(Method::kGet, "/_search?%69ndex=secret"), "param.denied");
  EXPECT_EQ(check_target(Method::kGet, "/_search?_method=DELETE"), "param.unknown");
  EXPECT_EQ(detail_, "_method");
  EXPECT_EQ(check_target(Method::kGet, "/_search?Q=a"), "param.unknown");
  EXPECT_EQ(check_target(Method::kGet, "/_search?q=a&q=b"), "param.repeated");
  EXPECT_EQ(check_target(Method::kPost, "/_msearch?q=x"), "param.unknown");
  EXPECT_EQ(check_target(Method::kGet, "/_search/scroll?scroll_id=abc&scroll=1m"), "ok");
  EXPECT_EQ(check_target(Method::kGet, "/_search/scroll/abc?scroll_id=def"), "param.repeated");
  EXPECT_EQ(check_target(Method::kPost, "/logs/_search/point_in_time?keep_alive=1m"), "ok");
  EXPECT_EQ(check_target(Method::kDelete, "/_search/point_in_time?x"), "param.unknown");
}

}  // namespace
}  // namespace weir
