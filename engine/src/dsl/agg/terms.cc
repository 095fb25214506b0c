// terms: buckets by value. Terms without a matching document are never asked for: they would come
// from everybody's dictionary.
#include "dsl/agg/types.h"

namespace weir {
namespace {

constexpr Key kKeys[] = {
    {"field", Rule::kField},
    {"missing", Rule::kScalar},
    {"value_type", Rule::kString},
    {"format", Rule::kString},
    denied("script", DenyCode::kScriptDenied),
    custom("size", walk_bucket_count),
    custom("shard_size", walk_bucket_count),
    custom("min_doc_count", walk_min_doc_count),
    {"shard_min_doc_count", Rule::kInteger},
    {"show_term_doc_count_error", Rule::kBool},
    {"execution_hint", Rule::kString},
    {"collect_mode", Rule::kString},
    {"include", Rule::kAny},
    {"exclude", Rule::kAny},
    {"order", Rule::kAny},
};

}  // namespace

bool walk_terms_agg(Walk& walk) { return walk_agg_members(walk, kKeys); }

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

}  // namespace weir
