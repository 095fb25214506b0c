// range, date_range, ip_range and geo_distance: buckets by ranges that are written out.
#include "dsl/agg/types.h"
#include "dsl/geo.h"

namespace weir {
namespace {

constexpr Key kRange[] = {
    {"key", Rule::kString},
    {"from", Rule::kScalarOrNull},
    {"to", Rule::kScalarOrNull},
    {"mask", Rule::kString},
};

bool walk_ranges(Walk& walk) {
  return walk.array([&](std::uint32_t i) {
    return i < walk.limits.max_agg_size ? walk_agg_members(walk, kRange)
                                        : walk.fail(DenyCode::kAggSize);
  });
}

constexpr Key kRanges[] = {kFormat, custom("ranges", walk_ranges), {"keyed", Rule::kBool}};

constexpr Key kIpRanges[] = {custom("ranges", walk_ranges), {"keyed", Rule::kBool}};

constexpr Key kDateRanges[] = {
    kFormat, custom("ranges", walk_ranges), {"keyed", Rule::kBool}, {"time_zone", Rule::kScalar}};

constexpr Key kDistances[] = {
    custom("ranges", walk_ranges),    {"keyed", Rule::kBool},
    custom("origin", walk_geo_point), {"unit", Rule::kString},
    {"distance_type", Rule::kString},
};

}  // namespace

bool walk_range_agg(Walk& walk) { return walk_values_agg(walk, kRanges); }

bool walk_date_range(Walk& walk) { return walk_values_agg(walk, kDateRanges); }

bool walk_ip_range(Walk& walk) { return walk_values_agg(walk, kIpRanges); }

bool walk_geo_distance_agg(Walk& walk) { return walk_values_agg(walk, kDistances); }

}  // namespace weir
