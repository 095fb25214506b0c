// terms: any of a list of values. In the place of the list an object would name a document (or a
// search) of any index to take the values from.
#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr Key kOptions[] = {kBoost, kName, denied("value_type", DenyCode::kQueryKnob)};

bool walk_list(Walk& walk) {
  if (walk.json.type() == JsonType::kObject) return walk.fail(DenyCode::kQueryLookup);
  return walk.array([&](std::uint32_t i) {
    return i < walk.limits.max_terms ? walk.scalar() : walk.fail(DenyCode::kQueryTooMany);
  });
}

}  // namespace

bool walk_terms(Walk& walk) {
  std::uint32_t fields = 0;
  bool walked = walk.object([&](std::string_view name) {
    if (const Key* key = find_key(kOptions, name)) return walk_value(walk, *key);
    if (++fields > 1) return walk.fail(DenyCode::kQueryKeyUnknown, name);
    return check_field(walk, name) && walk_list(walk);
  });
  if (!walked) return false;
  return fields == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

}  // namespace weir
