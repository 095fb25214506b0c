// top_hits: hits of a bucket, held to the same rules as the hits of the search.
#include "dsl/agg/types.h"
#include "dsl/section/hits.h"

namespace weir {
namespace {
constexpr Key kWindow[] = {custom("from", walk_hit_count), custom("size", walk_hit_count)};
}  // namespace

bool walk_top_hits(Walk& walk) {
  return walk.object([&](const Name& name) {
    const Key* key = find_key(kWindow, name);
    if (key == nullptr) key = find_hits_key(name);
    return key == nullptr ? walk.fail(DenyCode::kAggKeyUnknown, name) : walk_value(walk, *key);
  });
}

}  // namespace weir
