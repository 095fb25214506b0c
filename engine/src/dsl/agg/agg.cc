#include "dsl/agg/agg.h"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

bool walk_typed(Walk& walk, std::string_view name) {
  std::span<const AggType> types = agg_types();
  auto type = std::lower_bound(types.begin(), types.end(), name,
                               [](const AggType& t, std::string_view n) { return t.name < n; });
  if (type == types.end() || type->name != name) return walk.fail(DenyCode::kAggUnknown, name);
  if (type->walk == nullptr) return walk.fail(type->deny, name);
  return type->walk(walk);
}

// OpenSearch answers an aggregation with an empty `meta` nobody asked for where it rewrote the
// queries of a `filter`, `filters` or `adjacency_matrix` in or below it, and that depends on the
// bounds of everybody's values. Asked for, it is always there.
constexpr std::string_view kMeta = R"("meta":{},)";

bool holds_query(std::string_view type) {
  return type == "filter" || type == "filters" || type == "adjacency_matrix";
}

// OpenSearch mixes up what is aggregated under these, or fails, by how documents, hidden ones
// included, are spread over segments.
bool mixes_up_children(std::string_view type) {
  return type == "rare_terms" || type == "adjacency_matrix";
}

bool walk_one(Walk& walk) {
  if (++walk.aggs > walk.limits.max_aggs) return walk.fail(DenyCode::kAggTooMany);
  if (walk.json.type() != JsonType::kObject) return walk.fail(DenyCode::kAggShape);
  std::size_t inside = walk.here() + 1;
  bool queries_beside = std::exchange(walk.agg_queries, false);
  bool has_meta = false;
  std::uint32_t types = 0;
  std::uint32_t children = 0;
  std::string_view type;
  bool walked = walk.object([&](std::string_view name) {
    if (name == "aggs" || name == "aggregations") {
      return ++children > 1 ? walk.fail(DenyCode::kAggShape, name) : walk_aggs(walk);
    }
    if (name == "meta") {
      has_meta = true;
      return walk.json.type() == JsonType::kObject ? walk.skip() : walk.fail(DenyCode::kAggShape);
    }
    type = name;
    walk.agg_queries = walk.agg_queries || holds_query(name);
    return ++types > 1 ? walk.fail(DenyCode::kAggShape, name) : walk_typed(walk, name);
  });
  if (!walked) return false;
  if (types != 1) return walk.fail(DenyCode::kAggShape);
  if (children > 0 && mixes_up_children(type)) {
    return walk.fail_at_key(type, DenyCode::kAggDenied, "aggregations below it");
  }
  if (walk.agg_queries && !has_meta) walk.edits.insert(inside, kMeta);
  walk.agg_queries = walk.agg_queries || queries_beside;
  return true;
}

}  // namespace

bool walk_aggs(Walk& walk) {
  if (walk.agg_depth == walk.limits.max_agg_depth) return walk.fail(DenyCode::kAggTooDeep);
  ++walk.agg_depth;
  bool walked = walk.object([&](std::string_view) { return walk_one(walk); });
  --walk.agg_depth;
  return walked;
}

}  // namespace weir
