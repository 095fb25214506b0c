// The ledger: every query and aggregation name that OpenSearch knows has a decision.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/dsl/golden.h"

namespace weir::test {
namespace {

std::set<std::string> names_in(std::string_view file) {
  std::istringstream lines(
      read_file(std::filesystem::path(WEIR_SOURCE_DIR) / "tests" / "engine" / "dsl" / file));
  std::set<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.front() != '#') names.insert(line);
  }
  return names;
}

// `extra` are rows for names that OpenSearch does not register, each with its reason.
template <typename Type>
void expect_ledger(std::span<const Type> types, const std::set<std::string>& known,
                   const std::map<std::string, std::string>& extra) {
  EXPECT_GT(known.size(), 50U);
  std::set<std::string> rows;
  for (const Type& type : types) {
    rows.insert(std::string(type.name));
    EXPECT_TRUE(known.count(std::string(type.name)) != 0 ||
                extra.count(std::string(type.name)) != 0)
        << "row for a name that OpenSearch does not know: " << type.name.text;
  }
  EXPECT_EQ(rows.size(), types.size()) << "two rows for one name";
  EXPECT_TRUE(std::is_sorted(types.begin(), types.end(),
                             [](const Type& a, const Type& b) { return a.name.text < b.name.text; }));
  for (const std::string& name : known) EXPECT_EQ(rows.count(name), 1U) << "no row for " << name;
}

TEST(Ledger, EveryQueryHasADecision) {
  expect_ledger(query_types(), names_in("opensearch_queries.txt"), {});
}

TEST(Ledger, EveryAggregationHasADecision) {
  expect_ledger(agg_types(), names_in("opensearch_aggs.txt"), {});
}

TEST(Ledger, AClosedRowIsNotOpenByMistake) {
  // The types whose walk would not see what they reach. Opening one takes more than a row.
  for (std::string_view name :
       {"knn", "hybrid", "neural", "neural_sparse", "agentic", "span_multi", "common", "sltr"}) {
    for (const QueryType& type : query_types()) {
      EXPECT_TRUE(type.name.text != name || type.walk == nullptr) << name;
    }
  }
  for (std::string_view name :
       {"sampler", "diversified_sampler", "scripted_metric", "variable_width_histogram"}) {
    for (const AggType& type : agg_types()) {
      EXPECT_TRUE(type.name.text != name || type.walk == nullptr) << name;
    }
  }
}

}  // namespace
}  // namespace weir::test
