// Search bodies as real clients sent them (OpenSearch Dashboards, Grafana's datasource, the
// language clients, search UIs): which go through, and why the others do not.
#include <gtest/gtest.h>

#include <map>

#include "engine/dsl/golden.h"

namespace weir::test {
namespace {

// `text` with the object behind `"script_fields":` made empty, and without the wish for counters.
std::string without_the_reason(std::string text) {
  constexpr std::string_view kScripts = R"("script_fields":)";
  constexpr std::string_view kCounters = R"("seq_no_primary_term":true)";
  if (std::size_t at = text.find(kCounters); at != std::string::npos) {
    text.replace(at, kCounters.size(), R"("seq_no_primary_term":false)");
  }
  std::size_t at = text.find(kScripts);
  if (at == std::string::npos) return text;
  std::size_t begin = at + kScripts.size();
  std::size_t end = begin;
  bool inside = false;
  int depth = 0;
  do {
    char c = text[end++];
    if (c == '"') inside = !inside;  // the recorded scripts hold no escaped quote
    if (!inside && c == '{') ++depth;
    if (!inside && c == '}') --depth;
  } while (depth > 0 && end < text.size());
  return text.replace(begin, end - begin, "{}");
}

TEST(Clients, RecordedBodiesHaveTheirVerdict) {
  std::size_t allowed = 0;
  std::map<std::string, std::size_t> denied;
  for (const GoldenFile& file : read_golden_folder("clients")) {
    for (const Case& one : file.ok) {
      Outcome outcome = walk_body_text(one.send);
      EXPECT_TRUE(outcome.allowed) << one.where << ": " << outcome.code << " at " << outcome.path;
      EXPECT_TRUE(walk_any_text(outcome.forward).allowed) << one.where;
      ++allowed;
    }
    for (const Case& one : file.denied) {
      Outcome outcome = walk_body_text(one.send);
      EXPECT_FALSE(outcome.allowed) << one.where;
      EXPECT_EQ(outcome.code, one.code) << one.where;
      EXPECT_EQ(outcome.path, one.path) << one.where;
      ++denied[one.code];
      if (one.path.starts_with("/script_fields/") || one.path == "/seq_no_primary_term") {
        Outcome rest = walk_body_text(without_the_reason(one.send));
        EXPECT_TRUE(rest.allowed) << one.where << ": also " << rest.code << " at " << rest.path;
      }
    }
  }
  EXPECT_GT(allowed, 40U);
  // Scripts, and the counters that Dashboards asks of its own index (its route serves those).
  for (const auto& [code, count] : denied) {
    EXPECT_TRUE(code == "script.denied" || code == "body.key_denied") << code << ": " << count;
  }
}

}  // namespace
}  // namespace weir::test
