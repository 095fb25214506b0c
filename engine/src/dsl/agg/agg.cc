#include "dsl/agg/agg.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dsl/agg/turned.h"

namespace weir {
namespace {

bool walk_typed(Walk& walk, const Name& name) {
  const AggType* type = find_agg_type(name);
  if (type == nullptr) return walk.fail(DenyCode::kAggUnknown, name);
  if (type->walk == nullptr) return walk.fail(type->deny, name);
  return type->walk(walk);
}

// OpenSearch answers an aggregation with an empty `meta` nobody asked for where it rewrote the
// queries of a `filter`, `filters` or `adjacency_matrix` in or below it, and that depends on the
// bounds of everybody's values. Asked for, it is always there.
constexpr std::string_view kMeta = R"("meta":{},)";

bool holds_query(std::string_view type) {
  return type == "filter" || type == "filters" || type == "adjacency_matrix" || is_turned_agg(type);
}

using Background = Walk::Background;

// What an aggregation of `type` makes of a background below it; nothing if it cannot stand there.
// Below other types OpenSearch makes results of empty buckets, whose background is the whole index,
// and where a filter leaves some of several buckets empty it fails.
std::optional<Background> background_above(std::string_view type, Background below) {
  if (below == Background::kNone) return below;
  if (type == "filter" || type == "global") return Background::kFiltered;
  for (std::string_view known : {"geohash_grid", "geotile_grid", "multi_terms", "terms"}) {
    if (type == known && below == Background::kSeen) return below;
  }
  return std::nullopt;
}

// OpenSearch mixes up what is aggregated under these, or fails, by how documents, hidden ones
// included, are spread over segments.
bool mixes_up_children(std::string_view type) {
  return type == "rare_terms" || type == "adjacency_matrix";
}

// What is known of an aggregation when its members have been walked.
struct Members {
  std::size_t inside = 0;  // behind its `{`
  Name type;
  std::uint32_t types = 0;
  std::optional<Range> children;
  bool has_meta = false;
  Background background_below = Background::kNone;
};

bool walk_member(Walk& walk, const Name& name, Members& members) {
  if (name == "aggs" || name == "aggregations") {
    if (members.children) return walk.fail(DenyCode::kAggShape, name);
    std::size_t begin = walk.here();
    Background own = std::exchange(walk.agg_background, Background::kNone);
    if (!walk_aggs(walk)) return false;
    members.background_below = std::exchange(walk.agg_background, own);
    members.children = Range{begin, walk.here()};
    return true;
  }
  if (name == "meta") {
    members.has_meta = true;
    return walk.json.type() == JsonType::kObject ? walk.skip() : walk.fail(DenyCode::kAggShape);
  }
  members.type = name;
  walk.agg_queries = walk.agg_queries || holds_query(name);
  return ++members.types > 1 ? walk.fail(DenyCode::kAggShape, name) : walk_typed(walk, name);
}

bool check_children(Walk& walk, const Members& members) {
  if (members.children && mixes_up_children(members.type)) {
    return walk.fail_at_key(members.type, DenyCode::kAggDenied, "aggregations below it");
  }
  auto above = background_above(members.type, members.background_below);
  if (!above) return walk.fail_at_key(members.type, DenyCode::kAggBackground);
  walk.agg_background = std::max(walk.agg_background, *above);
  return true;
}

bool walk_one(Walk& walk, std::string_view name) {
  if (++walk.aggs > walk.limits.max_aggs) return walk.fail(DenyCode::kAggTooMany);
  if (walk.json.type() != JsonType::kObject) return walk.fail(DenyCode::kAggShape);
  if (!check_agg_name(walk, name)) return false;
  Members members;
  members.inside = walk.here() + 1;
  bool queries_beside = std::exchange(walk.agg_queries, false);
  Background background_beside = std::exchange(walk.agg_background, Background::kNone);
  if (!walk.object([&](const Name& key) { return walk_member(walk, key, members); })) {
    return false;
  }
  if (members.types != 1) return walk.fail(DenyCode::kAggShape);
  if (!check_children(walk, members)) return false;
  if (is_turned_agg(members.type)) turn_agg(walk, name, members.inside, members.children);
  if (walk.agg_queries && !members.has_meta) walk.edits.insert(members.inside, kMeta);
  walk.agg_queries = walk.agg_queries || queries_beside;
  walk.agg_background = std::max(walk.agg_background, background_beside);
  return true;
}

}  // namespace

bool walk_aggs(Walk& walk) {
  if (walk.agg_depth == walk.limits.max_agg_depth) return walk.fail(DenyCode::kAggTooDeep);
  ++walk.agg_depth;
  bool walked = walk.object([&](std::string_view name) { return walk_one(walk, name); });
  --walk.agg_depth;
  return walked && (walk.agg_depth > 0 || check_turned_names(walk));
}

}  // namespace weir
