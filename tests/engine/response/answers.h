// Answers as OpenSearch 2.19 and 3.4 write them, compact and pretty.
#pragma once

#include <string>
#include <string_view>

namespace weir::response {

inline constexpr std::string_view kShards =
    R"("_shards":{"total":3,"successful":3,"skipped":0,"failed":0})";

inline constexpr std::string_view kHit =
    R"({"_index":"logs-2024.02.29","_id":"a\"1\u00e9","_version":3,"_seq_no":7,"_primary_term":1,"_score":1.0,)"
    R"("_routing":"r/1","_ignored":["x"],"_source":{"@timestamp":"2024-02-29T00:00:00Z","team":"red","n":-1.50e+3,)"
    R"("deep":{"a":[{"b":[[],{},null,true]}]},"text":"gr)"
    "\xC3\xBC\xC3\x9F \xF0\x9F\x90\x9F"
    R"( \ud83d\udc1f \\ \" \/ end"},"fields":{"team":["red"]},"highlight":{"text":["<em>x</em>"]},"sort":[1,"x"],)"
    R"("matched_queries":["q"],"inner_hits":{}})";

inline std::string search_answer(std::string_view hits, std::string_view extra = "") {
  return R"({"took":12,"timed_out":false,)" + std::string(kShards) +
         R"(,"hits":{"total":{"value":1,"relation":"eq"},"max_score":null,"hits":[)" +
         std::string(hits) + "]}" + std::string(extra) + "}";
}

inline std::string multi_answer(std::string_view items) {
  return R"({"took":5,"responses":[)" + std::string(items) + "]}";
}

inline std::string item_answer(std::string_view hits) {
  return search_answer(hits, R"(,"status":200)");
}

inline constexpr std::string_view kItemError =
    R"({"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index [secret]"}],)"
    R"("type":"index_not_found_exception","reason":"no such index [secret]","index":"secret"},"status":404})";

/// White space wherever JSON allows it, as `?pretty` does and a little more.
inline std::string pretty(std::string_view compact) {
  std::string out = " ";
  bool in_string = false;
  for (std::size_t i = 0; i < compact.size(); ++i) {
    char c = compact[i];
    bool punctuation = !in_string && std::string_view("{}[],:").find(c) != std::string_view::npos;
    if (punctuation) out += c == ':' ? " " : "\r\n\t";
    out += c;
    if (in_string && c == '\\') out += compact[++i];
    if (c == '"') in_string = !in_string;
    if (punctuation) out += c == ':' ? " " : "\n  ";
  }
  return out + "\n";
}

}  // namespace weir::response
