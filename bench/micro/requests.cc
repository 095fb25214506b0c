#include "micro/requests.h"

namespace weir::bench {
namespace {

constexpr const char* kJson = "application/json";

const std::string kSmall = R"({"query":{"match":{"message":"timeout"}},"size":20})";

// What OpenSearch Dashboards' Discover page sends, a histogram beside the hits.
const std::string kDiscover =
    R"({"sort":[{"@timestamp":{"order":"desc","unmapped_type":"boolean"}}],"size":500,"version":true,)"
    R"("aggs":{"2":{"date_histogram":{"field":"@timestamp","fixed_interval":"30m","time_zone":"Europe/Berlin","min_doc_count":1}}},)"
    R"("stored_fields":["*"],"docvalue_fields":[{"field":"@timestamp","format":"date_time"}],"_source":{"excludes":[]},)"
    R"("query":{"bool":{"must":[{"query_string":{"query":"status:>=500 AND service:checkout OR service:cart","analyze_wildcard":true,)"
    R"("time_zone":"Europe/Berlin"}}],"filter":[{"match_phrase":{"region":{"query":"eu-central-1"}}},{"bool":{"should":[)"
    R"({"match_phrase":{"level":"error"}},{"match_phrase":{"level":"warning"}}],"minimum_should_match":1}},{"range":{"@timestamp":)"
    R"({"gte":"2025-06-01T22:00:00.000Z","lte":"2025-06-08T21:59:59.999Z","format":"strict_date_optional_time"}}}],"should":[],)"
    R"("must_not":[{"match_phrase":{"user_agent.name":{"query":"health-check"}}}]}},"highlight":{"pre_tags":)"
    R"(["@opensearch-dashboards-highlighted-field@"],"post_tags":["@/opensearch-dashboards-highlighted-field@"],)"
    R"("fields":{"*":{}},"fragment_size":2147483647}})";

// One panel of a dashboard: three levels of aggregations, no hits.
std::string panel(int i) {
  std::string n = std::to_string(i);
  return R"({"aggs":{"2":{"terms":{"field":"service.keyword","order":{"1":"desc"},"size":)" +
         std::to_string(5 + i) + R"(},"aggs":{"1":{"avg":{"field":"latency_)" + n +
         R"("}},"3":{"date_histogram":{"field":"@timestamp","fixed_interval":"3h","time_zone":"UTC","min_doc_count":1},)"
         R"("aggs":{"1":{"avg":{"field":"latency_)" +
         n +
         R"("}},"4":{"percentiles":{"field":"bytes","percents":[50,95,99],"keyed":false}}}}}}},"size":0,"stored_fields":["*"],)"
         R"("docvalue_fields":[{"field":"@timestamp","format":"date_time"}],"_source":{"excludes":[]},"query":{"bool":{"must":[],)"
         R"("filter":[{"match_all":{}},{"match_phrase":{"host":{"query":"web-)" +
         n +
         R"("}}},{"range":{"@timestamp":{"gte":"2025-06-01T00:00:00.000Z","lte":"2025-06-08T00:00:00.000Z",)"
         R"("format":"strict_date_optional_time"}}}],"should":[],"must_not":[]}}})";
}

std::string batch(int searches) {
  std::string out;
  for (int i = 0; i < searches; ++i) {
    out += R"({"index":"logs-*","ignore_unavailable":true,"preference":1749340800000})"
           "\n";
    out += panel(i) + "\n";
  }
  return out;
}

// A list of ids, as a join on the client's side makes it, until the body has `bytes`.
std::string terms_list(std::size_t bytes) {
  std::string out = R"({"size":100,"query":{"bool":{"filter":[{"terms":{"trace_id":[)";
  for (std::uint64_t i = 0; out.size() < bytes - 100; ++i) {
    std::string id = std::to_string(i * 2654435761U % 1000000007U);
    out += (i == 0 ? "\"4bf92f3577b34da6-" : ",\"4bf92f3577b34da6-") + id + '"';
  }
  return out + R"(]}},{"range":{"@timestamp":{"gte":"now-7d"}}}]}}})";
}

// A bool of hundreds of small clauses, as generated filters are, `bytes` long by its values.
std::string many_clauses(std::size_t bytes) {
  constexpr std::size_t kClauses = 900;
  std::string out = R"({"size":100,"query":{"bool":{"should":[)";
  for (std::size_t i = 0; i < kClauses; ++i) {
    out += i == 0 ? "" : ",";
    out += R"({"match_phrase":{"message":{"query":"connection )" + std::to_string(i) +
           " reset by peer ";
    out += std::string(bytes / kClauses - 110, static_cast<char>('a' + i % 26));
    out += R"( \"while reading\"","slop":2}}})";
  }
  return out + R"(],"minimum_should_match":1}}})";
}

}  // namespace

std::vector<Request> requests() {
  constexpr std::size_t kLarge = 256U << 10U;
  return {
      {"search_small", "/logs-*/_search", kJson, kSmall},
      {"search_dashboards", "/logs-*/_search?ignore_unavailable=true&preference=1749340800000",
       kJson, kDiscover},
      {"msearch_20", "/_msearch?rest_total_hits_as_int=true", "application/x-ndjson", batch(20)},
      {"terms_256k", "/logs-*/_search", kJson, terms_list(kLarge)},
      {"bool_256k", "/logs-*/_search", kJson, many_clauses(kLarge)},
  };
}

}  // namespace weir::bench
