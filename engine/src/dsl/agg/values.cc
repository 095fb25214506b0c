// What most aggregations take: the field whose values they work on, and how buckets are counted and
// ordered.
#include "dsl/agg/types.h"
#include "dsl/script.h"

namespace weir {
namespace {

constexpr Key kValues[] = {
    {"field", Rule::kField},
    {"missing", Rule::kScalar},
    {"value_type", Rule::kString},
    custom("script", walk_value_script),
};

bool walk_one_order(Walk& walk) {
  return walk.object([&](std::string_view path) {
    walk.agg_paths.push_back(path);
    std::string_view direction;
    if (!walk.string(direction)) return false;
    return direction == "asc" || direction == "desc" ? true
                                                     : walk.fail(DenyCode::kBodyValue, direction);
  });
}

}  // namespace

std::span<const Key> value_keys() { return kValues; }

bool walk_values_agg(Walk& walk, std::span<const Key> keys) {
  return walk.object([&](const Name& name) {
    const Key* key = find_key(keys, name);
    if (key == nullptr) key = find_key(kValues, name);
    return key == nullptr ? walk.fail(DenyCode::kAggKeyUnknown, name) : walk_value(walk, *key);
  });
}

bool walk_min_doc_count(Walk& walk) {
  std::uint64_t count = 0;
  if (!walk.integer(count)) return false;
  return count >= 1 ? true : walk.fail(DenyCode::kAggMinDocCount);
}

bool walk_bucket_count(Walk& walk) {
  std::uint64_t count = 0;
  if (!walk.integer(count)) return false;
  return count <= walk.limits.max_agg_size ? true : walk.fail(DenyCode::kAggSize);
}

bool walk_bucket_order(Walk& walk) {
  if (walk.json.type() != JsonType::kArray) return walk_one_order(walk);
  return walk.array([&](std::uint32_t) { return walk_one_order(walk); });
}

}  // namespace weir
