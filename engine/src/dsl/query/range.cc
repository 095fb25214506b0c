// range: values of one field between two ends; null is an open end.
#include "dsl/query/types.h"

namespace weir {
namespace {

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
    {"relation", Rule::kString},
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
