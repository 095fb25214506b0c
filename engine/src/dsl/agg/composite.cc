// composite: pages of buckets, each by several sources at once.
#include "dsl/agg/types.h"

namespace weir {
namespace {

bool walk_direction(Walk& walk) {
  std::string_view direction;
  if (!walk.string(direction)) return false;
  return direction == "asc" || direction == "desc" ? true
                                                   : walk.fail(DenyCode::kBodyValue, direction);
}

// One table for the four kinds of sources: OpenSearch itself refuses what a kind does not take.
constexpr Key kSource[] = {
    kFormat,
    custom("order", walk_direction),
    {"missing_bucket", Rule::kBool},
    {"missing_order", Rule::kString},
    {"interval", Rule::kScalar},
    {"calendar_interval", Rule::kScalar},
    {"fixed_interval", Rule::kScalar},
    {"offset", Rule::kScalar},
    {"time_zone", Rule::kScalar},
    {"precision", Rule::kScalar},
    custom("bounds", walk_grid_bounds),
};

bool walk_kind(Walk& walk) {
  std::uint32_t kinds = 0;
  bool walked = walk.object([&](std::string_view kind) {
    bool known = kind == "terms" || kind == "histogram" || kind == "date_histogram" ||
                 kind == "geotile_grid";
    if (!known || ++kinds > 1) return walk.fail(DenyCode::kAggKeyUnknown, kind);
    return walk_values_agg(walk, kSource);
  });
  if (!walked) return false;
  return kinds == 1 ? true : walk.fail(DenyCode::kAggShape);
}

bool walk_source(Walk& walk) {
  std::uint32_t names = 0;
  bool walked = walk.object([&](std::string_view name) {
    return ++names > 1 ? walk.fail(DenyCode::kAggShape, name) : walk_kind(walk);
  });
  if (!walked) return false;
  return names == 1 ? true : walk.fail(DenyCode::kAggShape);
}

bool walk_sources(Walk& walk) {
  return walk.array([&](std::uint32_t) { return walk_source(walk); });
}

constexpr Key kAfterValue{"", Rule::kScalarOrNull};

bool walk_after(Walk& walk) {
  return walk.object([&](std::string_view) { return walk_value(walk, kAfterValue); });
}

constexpr Key kKeys[] = {
    custom("sources", walk_sources),
    custom("size", walk_bucket_count),
    custom("after", walk_after),
};

}  // namespace

bool walk_composite(Walk& walk) { return walk_agg_members(walk, kKeys); }

}  // namespace weir
