#include "micro/requests.h"

#include <iterator>

namespace weir::bench {
namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kLines = "application/x-ndjson";

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

// What a panel of a dashboard sends for its documents: 0.5 kB.
const std::string kPanelHits =
    R"({"size":20,"sort":[{"@timestamp":{"order":"desc","unmapped_type":"boolean"}}],"version":true,"_source":{"excludes":["raw"]},)"
    R"("query":{"bool":{"must":[{"query_string":{"query":"status:>=500 AND service:checkout","analyze_wildcard":true}}],)"
    R"("filter":[{"match_phrase":{"region":{"query":"eu-central-1"}}},{"range":{"@timestamp":{"gte":"2026-11-20T22:00:00.000Z",)"
    R"("lte":"2026-11-22T21:59:59.999Z","format":"strict_date_optional_time"}}}],)"
    R"("must_not":[{"match_phrase":{"agent":{"query":"health-check"}}}]}}})";

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

// A panel with more filters: 1.1 kB.
std::string filtered_panel(int i) {
  std::string n = std::to_string(i);
  return R"({"size":0,"track_total_hits":true,"docvalue_fields":[{"field":"@timestamp","format":"date_time"}],"aggs":{"2":{"terms":)"
         R"({"field":"service.keyword","order":{"1":"desc"},"size":)" +
         std::to_string(5 + i) + R"(},"aggs":{"1":{"avg":{"field":"latency_)" + n +
         R"("}},"3":{"date_histogram":{"field":"@timestamp","fixed_interval":"3h","time_zone":"UTC","min_doc_count":1},)"
         R"("aggs":{"1":{"avg":{"field":"latency_)" +
         n +
         R"("}},"4":{"percentiles":{"field":"bytes","percents":[50,95,99],"keyed":false}}}}}}},"query":{"bool":{"filter":[)"
         R"({"match_all":{}},{"match_phrase":{"host":{"query":"web-)" +
         n +
         R"("}}},{"range":{"@timestamp":{"gte":"2026-11-15T00:00:00.000Z","lte":"2026-11-22T00:00:00.000Z",)"
         R"("format":"strict_date_optional_time"}}},{"query_string":{"query":"service:checkout AND status:>=)" +
         std::to_string(400 + i) +
         R"( AND NOT agent:probe","analyze_wildcard":true,"time_zone":"Europe/Berlin"}},)"
         R"({"terms":{"region":["eu-central-1","eu-west-1","us-east-1","ap-southeast-2"]}},)"
         R"({"match_phrase":{"message":{"query":"upstream timed out while reading response header","slop":1}}}],)"
         R"("must_not":[{"exists":{"field":"deleted_at"}},{"match_phrase":{"agent":{"query":"health-check"}}}]}}})";
}

std::string batch(int searches, std::string (*panel)(int)) {
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

// The same numbers on every machine.
class Numbers {
 public:
  std::uint64_t below(std::uint64_t end) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (state_ >> 33U) % end;
  }

 private:
  std::uint64_t state_ = 1;
};

std::string sentence(Numbers& numbers, int words) {
  constexpr const char* kWords[] = {"connection", "reset", "by",      "peer",  "while",    "reading", "response", "header", "from",
                                    "upstream",   "after", "timeout", "retry", "checkout", "payment", "gateway",  "shard",  "queue"};
  std::string out;
  for (int i = 0; i < words; ++i) {
    out += i == 0 ? "" : " ";
    out += kWords[numbers.below(std::size(kWords))];
  }
  return out;
}

// Lists of texts and of numbers, phrases with escapes and other scripts, ranges of fractions: what
// generated queries consist of.
std::string mixed_clause(Numbers& numbers, std::size_t i) {
  constexpr const char* kScripts[] = {"größer", "日本語のログ", "плохой ответ", "naïve café"};
  std::string out;
  auto list = [&](const char* open, int values, auto value) {
    out = open;
    for (int at = 0; at < values; ++at) out += (at == 0 ? "" : ",") + value();
    out += "]}}";
  };
  switch (i % 8) {
    case 0:
      list(R"({"terms":{"trace_id":[)", 500, [&] {
        return "\"4bf92f35" + std::to_string(10'000'000 + numbers.below(90'000'000)) + '"';
      });
      return out;
    case 1:
      list(R"({"terms":{"account":[)", 1100,
           [&] { return std::to_string(numbers.below(1'000'000'000)); });
      return out;
    case 2:
    case 3:
    case 4:
      return R"({"match_phrase":{"message":{"query":")" + sentence(numbers, 60) +
             R"( \"quoted\" C:\\logs\\app\n\t)" + kScripts[numbers.below(4)] + R"(","slop":)" +
             std::to_string(numbers.below(4)) + "}}}";
    case 5:
    case 6: {
      std::uint64_t low = numbers.below(5000) + 1;
      return R"({"range":{"latency_ms":{"gte":)" + std::to_string(low) + R"(.5,"lt":)" +
             std::to_string(low + 250) + R"(.25,"boost":1.5}}})";
    }
    default:
      return R"({"bool":{"must":[{"term":{"service":"checkout"}},{"exists":{"field":"error.code"}}],"must_not":[{"term":{"level":"debug"}}]}})";
  }
}

std::string mixed(std::size_t bytes) {
  Numbers numbers;
  std::string out = R"({"size":50,"query":{"bool":{"should":[)";
  for (std::size_t i = 0; out.size() < bytes; ++i) {
    out += (i == 0 ? "" : ",") + mixed_clause(numbers, i);
  }
  return out +
         R"(],"minimum_should_match":1}},"sort":[{"@timestamp":"desc"}],"aggs":{"levels":{"terms":{"field":"level","size":10}}}})";
}

}  // namespace

std::vector<Request> requests() {
  constexpr std::size_t kLarge = 256U << 10U;
  return {
      {"search_small", "/logs-*/_search", kJson, kSmall},
      {"search_panel", "/logs-*/_search", kJson, kPanelHits},
      {"search_dashboards", "/logs-*/_search?ignore_unavailable=true&preference=1749340800000",
       kJson, kDiscover},
      {"msearch_10", "/_msearch", kLines, batch(10, filtered_panel)},
      {"msearch_20", "/_msearch?rest_total_hits_as_int=true", kLines, batch(20, panel)},
      {"terms_256k", "/logs-*/_search", kJson, terms_list(kLarge)},
      {"bool_256k", "/logs-*/_search", kJson, many_clauses(kLarge)},
      {"mixed_2m", "/logs-*/_search", kJson, mixed(2'000'000)},
  };
}

}  // namespace weir::bench
