#include "dsl/geo.h"

namespace weir {
namespace {

bool walk_coordinates(Walk& walk) {
  return walk.array([&](std::uint32_t) {
    return walk.json.type() == JsonType::kNumber ? walk.skip() : walk.fail(DenyCode::kBodyShape);
  });
}

constexpr Key kPoint[] = {
    {"lat", Rule::kScalar},
    {"lon", Rule::kScalar},
    {"geohash", Rule::kString},
};

constexpr Key kBox[] = {
    custom("top_left", walk_geo_point),
    custom("bottom_right", walk_geo_point),
    custom("top_right", walk_geo_point),
    custom("bottom_left", walk_geo_point),
    {"top", Rule::kScalar},
    {"bottom", Rule::kScalar},
    {"left", Rule::kScalar},
    {"right", Rule::kScalar},
    {"wkt", Rule::kString},
};

// Numbers in arrays in arrays: a place, a line, a ring, a polygon, many of them.
bool walk_nested_coordinates(Walk& walk) {
  return walk.array([&](std::uint32_t) {
    if (walk.json.type() == JsonType::kArray) return walk_nested_coordinates(walk);
    return walk.json.type() == JsonType::kNumber ? walk.skip() : walk.fail(DenyCode::kBodyShape);
  });
}

bool walk_geometries(Walk& walk) {
  return walk.array([&](std::uint32_t) { return walk_geo_shape(walk); });
}

constexpr Key kShape[] = {
    {"type", Rule::kString},
    custom("coordinates", walk_nested_coordinates),
    custom("geometries", walk_geometries),
    {"radius", Rule::kScalar},
    {"orientation", Rule::kString},
};

}  // namespace

bool walk_geo_shape(Walk& walk) {
  std::string_view text;
  if (walk.json.type() == JsonType::kString) return walk.string(text);
  return walk_members(walk, kShape, DenyCode::kQueryKeyUnknown);
}

bool walk_geo_point(Walk& walk) {
  std::string_view text;
  if (walk.json.type() == JsonType::kString) return walk.string(text);
  if (walk.json.type() == JsonType::kArray) return walk_coordinates(walk);
  return walk_members(walk, kPoint, DenyCode::kBodyShape);
}

bool walk_geo_points(Walk& walk) {
  if (walk.json.type() != JsonType::kArray) return walk_geo_point(walk);
  // Numbers make one point of the array.
  return walk.array([&](std::uint32_t) {
    return walk.json.type() == JsonType::kNumber ? walk.skip() : walk_geo_point(walk);
  });
}

bool walk_geo_box(Walk& walk, DenyCode unknown) { return walk_members(walk, kBox, unknown); }

}  // namespace weir
