// What the fuzzy-capable queries share: fuzziness is answered by enumerating every term within the
// distance.
#include "dsl/query/types.h"

namespace weir {

bool walk_fuzzy_members(Walk& walk, std::span<const Key> keys) {
  std::size_t inside = walk.here() + 1;
  bool fuzzy = false;
  bool has_rewrite = false;
  bool walked = walk.object([&](std::string_view name) {
    fuzzy = fuzzy || name == "fuzziness";
    has_rewrite = has_rewrite || name == "fuzzy_rewrite";
    const Key* key = find_key(keys, name);
    return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name) : walk_value(walk, *key);
  });
  if (!walked) return false;
  if (fuzzy && !has_rewrite) walk.edits.insert(inside, R"("fuzzy_rewrite":"constant_score",)");
  return true;
}

}  // namespace weir
