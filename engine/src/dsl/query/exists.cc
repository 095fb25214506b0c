// exists and ids: whether a document has a field, and documents by their ids.
#include "dsl/query/types.h"

namespace weir {
namespace {

// Metadata of which it is the document's own affair, or nobody's, whether it exists.
bool has_plain_existence(std::string_view name) {
  for (std::string_view known : {"_ignored", "_routing", "_seq_no", "_source", "_version"}) {
    if (name == known) return true;
  }
  return false;
}

// Unlike other field names this one may be a pattern.
bool walk_exists_field(Walk& walk) {
  std::string_view pattern;
  if (!walk.string(pattern)) return false;
  return has_plain_existence(pattern) || check_field_pattern(walk, pattern);
}

constexpr Key kExists[] = {custom("field", walk_exists_field), kBoost, kName};

bool walk_values(Walk& walk) {
  if (walk.json.type() != JsonType::kArray) return walk.scalar();
  return walk.array([&](std::uint32_t i) {
    return i < walk.limits.max_terms ? walk.scalar() : walk.fail(DenyCode::kQueryTooMany);
  });
}

constexpr Key kIds[] = {custom("values", walk_values), kBoost, kName};

}  // namespace

bool walk_exists(Walk& walk) { return walk_query_members(walk, kExists); }

bool walk_ids(Walk& walk) { return walk_query_members(walk, kIds); }

}  // namespace weir
