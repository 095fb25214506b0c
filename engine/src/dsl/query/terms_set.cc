// terms_set: at least so many of a list of values as a field of the document says.
#include "dsl/query/types.h"

namespace weir {
namespace {

bool walk_list(Walk& walk) {
  return walk.array([&](std::uint32_t i) {
    return i < walk.limits.max_terms ? walk.scalar() : walk.fail(DenyCode::kQueryTooMany);
  });
}

constexpr Key kKeys[] = {
    custom("terms", walk_list),
    {"minimum_should_match_field", Rule::kField},
    denied("minimum_should_match_script", DenyCode::kScriptDenied),
    kBoost,
    kName,
};

}  // namespace

bool walk_terms_set(Walk& walk) {
  return walk_field_query(
      walk, [](Walk& w) { return w.fail(DenyCode::kBodyShape); },
      [](Walk& w) { return walk_query_members(w, kKeys); });
}

}  // namespace weir
