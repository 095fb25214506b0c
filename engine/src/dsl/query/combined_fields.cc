// combined_fields: several text fields as if they were one. Where only the match counts it is a
// multi_match over them, word by word. It is sent as one: a combined_fields fails if one of the
// fields keeps norms and another does not, but only where everybody's documents have both.
#include "dsl/query/types.h"

namespace weir {
namespace {
constexpr Key kKeys[] = {
    {"query", Rule::kScalar},
    {"fields", Rule::kFieldPatterns},
    {"operator", Rule::kString},
    {"minimum_should_match", Rule::kScalar},
    kBoost,
    kName,
};
}  // namespace

bool walk_combined_fields(Walk& walk) {
  std::size_t begin = walk.query_inside;
  std::size_t inside = walk.here() + 1;
  if (!is_level(walk)) return walk_query_members(walk, kKeys);
  bool empty = true;
  bool walked = walk.object([&](const Name& name) {
    empty = false;
    const Key* key = find_key(kKeys, name);
    return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name) : walk_value(walk, *key);
  });
  if (!walked) return false;
  walk.edits.replace(
      begin, inside - begin,
      walk.arena.concat({R"("multi_match":{"type":"cross_fields")", empty ? "" : ","}));
  return true;
}

}  // namespace weir
