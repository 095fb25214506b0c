// Search bodies as real clients sent them (OpenSearch Dashboards, Grafana's datasource, the
// language clients, search UIs): which go through, and why the others do not.
#include <gtest/gtest.h>

#include <map>

#include "engine/dsl/golden.h"

namespace weir::test {
namespace {

// `text` without the wish for counters.
std::string without_the_reason(std::string text) {
  constexpr std::string_view kCounters = R"("seq_no_primary_term":true)";
  if (std::size_t at = text.find(kCounters); at != std::string::npos) {
    text.replace(at, kCounters.size(), R"("seq_no_primary_term":false)");
  }
  return text;
}

TEST(Clients, RecordedBodiesHaveTheirVerdict) {
  std::size_t allowed = 0;
  std::size_t with_scripts = 0;
  std::map<std::string, std::size_t> denied;
  for (const GoldenFile& file : read_golden_folder("clients")) {
    for (const Case& one : file.ok) {
      Outcome outcome = walk_body_text(one.send, {}, one.sight);
      EXPECT_TRUE(outcome.allowed) << one.where << ": " << outcome.code << " at " << outcome.path;
      EXPECT_TRUE(walk_any_text(outcome.forward).allowed) << one.where;
      ++allowed;
      Outcome off = walk_body_text(one.send, {}, golden_sight(Profile::kSealed, Scripts::kOff));
      EXPECT_TRUE(off.allowed || off.code == "script.denied") << one.where << ": " << off.code;
      with_scripts += off.allowed ? 0 : 1;
    }
    for (const Case& one : file.denied) {
      Outcome outcome = walk_body_text(one.send, {}, one.sight);
      EXPECT_FALSE(outcome.allowed) << one.where;
      EXPECT_EQ(outcome.code, one.code) << one.where;
      EXPECT_EQ(outcome.path, one.path) << one.where;
      ++denied[one.code];
      Outcome rest = walk_body_text(without_the_reason(one.send), {}, one.sight);
      EXPECT_TRUE(rest.allowed) << one.where << ": also " << rest.code << " at " << rest.path;
    }
  }
  EXPECT_GT(allowed, 90U);
  EXPECT_EQ(with_scripts, 50U);
  // The counters that Dashboards asks of its own index (its route serves those).
  for (const auto& [code, count] : denied) EXPECT_EQ(code, "body.key_denied") << count;
}

}  // namespace
}  // namespace weir::test
