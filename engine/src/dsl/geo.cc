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

}  // namespace

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
