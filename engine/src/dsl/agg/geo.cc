// geohash_grid, geotile_grid, geo_bounds and geo_centroid: buckets and metrics on the map.
#include "dsl/geo.h"

#include "dsl/agg/types.h"

namespace weir {
namespace {

constexpr Key kGrid[] = {
    {"precision", Rule::kScalar},
    custom("size", walk_bucket_count),
    custom("shard_size", walk_bucket_count),
    custom("bounds", walk_grid_bounds),
};

constexpr Key kBounds[] = {{"wrap_longitude", Rule::kBool}};

}  // namespace

bool walk_grid_bounds(Walk& walk) { return walk_geo_box(walk, DenyCode::kAggKeyUnknown); }

bool walk_geo_grid(Walk& walk) { return walk_values_agg(walk, kGrid); }

bool walk_geo_centroid(Walk& walk) { return walk_values_agg(walk, {}); }

// Below other buckets OpenSearch fails or answers by how it spread the segments, hidden documents
// included, over its threads.
bool walk_geo_bounds(Walk& walk) {
  if (walk.agg_depth > 1) return walk.fail(DenyCode::kAggDenied, "geo_bounds below another");
  return walk_values_agg(walk, kBounds);
}

}  // namespace weir
