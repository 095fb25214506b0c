// geo_bounding_box, geo_distance, geo_polygon, geo_shape and xy_shape: one key is the field with
// its place, the others are options.
#include "dsl/geo.h"

#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr Key kBoxOptions[] = {
    {"type", Rule::kString},
    {"validation_method", Rule::kString},
    {"ignore_unmapped", Rule::kBool},
    kBoost,
    kName,
};

constexpr Key kDistanceOptions[] = {
    {"distance", Rule::kScalar},
    {"unit", Rule::kString},
    {"distance_type", Rule::kString},
    {"validation_method", Rule::kString},
    {"ignore_unmapped", Rule::kBool},
    kBoost,
    kName,
};

constexpr Key kPolygonOptions[] = {
    {"validation_method", Rule::kString},
    {"ignore_unmapped", Rule::kBool},
    kBoost,
    kName,
};

bool walk_points(Walk& walk) {
  return walk.array([&](std::uint32_t i) {
    return i < walk.limits.max_terms ? walk_geo_point(walk) : walk.fail(DenyCode::kQueryTooMany);
  });
}

constexpr Key kPolygon[] = {custom("points", walk_points)};

constexpr Key kShapeOptions[] = {{"ignore_unmapped", Rule::kBool}, kBoost, kName};

constexpr Key kShape[] = {
    custom("shape", walk_geo_shape),
    {"relation", Rule::kString},
    {"strategy", Rule::kString},
    denied("indexed_shape", DenyCode::kQueryLookup),
};

bool walk_place(Walk& walk, std::span<const Key> options, bool (*place)(Walk&)) {
  std::uint32_t fields = 0;
  bool walked = walk.object([&](std::string_view name) {
    if (const Key* key = find_key(options, name)) return walk_value(walk, *key);
    if (++fields > 1) return walk.fail(DenyCode::kQueryKeyUnknown, name);
    return check_field(walk, name) && place(walk);
  });
  if (!walked) return false;
  return fields == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

}  // namespace

bool walk_geo_bounding_box(Walk& walk) {
  return walk_place(walk, kBoxOptions,
                    [](Walk& w) { return walk_geo_box(w, DenyCode::kQueryKeyUnknown); });
}

bool walk_geo_distance_query(Walk& walk) {
  return walk_place(walk, kDistanceOptions, walk_geo_point);
}

bool walk_geo_polygon(Walk& walk) {
  return walk_place(walk, kPolygonOptions, [](Walk& w) { return walk_query_members(w, kPolygon); });
}

bool walk_geo_shape_query(Walk& walk) {
  return walk_place(walk, kShapeOptions, [](Walk& w) { return walk_query_members(w, kShape); });
}

}  // namespace weir
