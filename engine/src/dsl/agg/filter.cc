// filter, filters, adjacency_matrix, nested and reverse_nested: buckets by queries, and steps into
// and out of objects inside the documents. Each works on the documents that are left, so a query
// here needs no filter of its own.
#include "dsl/agg/types.h"
#include "dsl/query/query.h"

namespace weir {
namespace {

bool walk_named_queries(Walk& walk) {
  return walk.object([&](std::string_view) { return walk_query(walk); });
}

bool walk_named_or_listed_queries(Walk& walk) {
  if (walk.json.type() == JsonType::kObject) return walk_named_queries(walk);
  return walk.array([&](std::uint32_t) { return walk_query(walk); });
}

constexpr Key kFilters[] = {
    custom("filters", walk_named_or_listed_queries),
    {"other_bucket", Rule::kBool},
    {"other_bucket_key", Rule::kString},
};

constexpr Key kMatrix[] = {
    custom("filters", walk_named_queries),
    {"separator", Rule::kString},
    {"show_only_intersecting", Rule::kBool},
};

constexpr Key kNested[] = {{"path", Rule::kField}};

}  // namespace

bool walk_filter_agg(Walk& walk) { return walk_query(walk); }

bool walk_filters(Walk& walk) { return walk_agg_members(walk, kFilters); }

bool walk_adjacency_matrix(Walk& walk) { return walk_agg_members(walk, kMatrix); }

bool walk_nested_agg(Walk& walk) {
  walk.query_scripts.beside_nested_agg = true;
  if (walk.query_scripts.in_agg) return walk.fail(DenyCode::kScriptPlace);
  return walk_agg_members(walk, kNested);
}

}  // namespace weir
