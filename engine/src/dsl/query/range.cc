// range: values of one field between two ends; null is an open end.
#include <algorithm>

#include "dsl/query/types.h"

namespace weir {
namespace {

// Dates refuse `disjoint`, but only where the bounds of everybody's values made OpenSearch look.
bool walk_relation(Walk& walk) {
  constexpr std::string_view kOpen[] = {"intersects", "contains", "within",
                                        "INTERSECTS", "CONTAINS", "WITHIN"};
  std::string_view relation;
  if (!walk.string(relation)) return false;
  bool open = std::find(std::begin(kOpen), std::end(kOpen), relation) != std::end(kOpen);
  return open ? true : walk.fail(DenyCode::kQueryKnob, relation);
}

constexpr Key kKeys[] = {
    {"gt", Rule::kScalarOrNull},
    {"gte", Rule::kScalarOrNull},
    {"lt", Rule::kScalarOrNull},
    {"lte", Rule::kScalarOrNull},
    {"from", Rule::kScalarOrNull},
    {"to", Rule::kScalarOrNull},
    {"include_lower", Rule::kBool},
    {"include_upper", Rule::kBool},
    {"format", Rule::kString},
    {"time_zone", Rule::kString},
    custom("relation", walk_relation),
    kBoost,
    kName,
};

}  // namespace

bool walk_range(Walk& walk) {
  return walk_field_query(
      walk, [](Walk& w) { return w.fail(DenyCode::kBodyShape); },
      [](Walk& w) { return walk_query_members(w, kKeys); });
}

}  // namespace weir
