// Pipeline aggregations: arithmetic on other aggregations' results. Their scripts see nothing but
// the numbers of buckets, which the filter has already shaped, so inline scripts are open here and
// nowhere else.
#include "dsl/agg/types.h"

namespace weir {
namespace {

// A path, a list of paths, or names for paths.
bool walk_paths(Walk& walk) {
  std::string_view path;
  switch (walk.json.type()) {
    case JsonType::kObject:
      return walk.object([&](std::string_view) { return walk_agg_path(walk, path); });
    case JsonType::kArray:
      return walk.array([&](std::uint32_t) { return walk_agg_path(walk, path); });
    case JsonType::kString:
    case JsonType::kNumber:
    case JsonType::kTrue:
    case JsonType::kFalse:
    case JsonType::kNull:
    case JsonType::kNone:
      break;
  }
  return walk_agg_path(walk, path);
}

bool walk_language(Walk& walk) {
  std::string_view language;
  if (!walk.string(language)) return false;
  return language == "painless" || language == "expression"
             ? true
             : walk.fail(DenyCode::kScriptDenied, language);
}

constexpr Key kScript[] = {
    {"source", Rule::kString},
    custom("lang", walk_language),
    {"params", Rule::kAny},
    denied("id", DenyCode::kScriptDenied),
    denied("stored", DenyCode::kScriptDenied),
};

bool walk_script(Walk& walk) {
  std::string_view source;
  if (walk.json.type() == JsonType::kString) return walk.string(source);
  return walk_agg_members(walk, kScript);
}

constexpr Key kPipeline[] = {
    custom("buckets_path", walk_paths),
    {"gap_policy", Rule::kString},
    kFormat,
};

constexpr Key kCumulativeSum[] = {custom("buckets_path", walk_paths), kFormat};

bool walk_pipeline_members(Walk& walk, std::span<const Key> keys) {
  return walk.object([&](const Name& name) {
    const Key* key = find_key(keys, name);
    if (key == nullptr) key = find_key(kPipeline, name);
    return key == nullptr ? walk.fail(DenyCode::kAggKeyUnknown, name) : walk_value(walk, *key);
  });
}

constexpr Key kExtendedStats[] = {{"sigma", Rule::kNumber}};
constexpr Key kPercentiles[] = {{"percents", Rule::kScalars}, {"keyed", Rule::kBool}};
constexpr Key kDerivative[] = {{"unit", Rule::kString}};
constexpr Key kSerialDiff[] = {{"lag", Rule::kInteger}};
constexpr Key kScripted[] = {custom("script", walk_script)};

constexpr Key kMovingAvg[] = {
    {"window", Rule::kInteger}, {"model", Rule::kString}, {"predict", Rule::kInteger},
    {"minimize", Rule::kBool},  {"settings", Rule::kAny},
};

constexpr Key kMovingFn[] = {
    custom("script", walk_script),
    {"window", Rule::kInteger},
    {"shift", Rule::kNumber},
};

bool walk_direction(Walk& walk) {
  std::string_view direction;
  if (!walk.string(direction)) return false;
  return direction == "asc" || direction == "desc" ? true
                                                   : walk.fail(DenyCode::kSortShape, direction);
}

constexpr Key kOrder[] = {custom("order", walk_direction)};

// Its keys are paths to other aggregations, not fields.
bool walk_path_sort(Walk& walk) {
  std::string_view path;
  if (walk.json.type() == JsonType::kString) return walk_agg_path(walk, path);
  return walk.object([&](std::string_view name) {
    walk.agg_paths.push_back(name);
    return walk.json.type() == JsonType::kString ? walk_direction(walk)
                                                 : walk_members(walk, kOrder, DenyCode::kSortShape);
  });
}

bool walk_path_sorts(Walk& walk) {
  if (walk.json.type() == JsonType::kString) return walk.fail(DenyCode::kSortShape);
  if (walk.json.type() != JsonType::kArray) return walk_path_sort(walk);
  return walk.array([&](std::uint32_t) { return walk_path_sort(walk); });
}

constexpr Key kBucketSort[] = {
    custom("sort", walk_path_sorts),
    custom("from", walk_bucket_count),
    custom("size", walk_bucket_count),
    {"gap_policy", Rule::kString},
};

}  // namespace

bool walk_pipeline(Walk& walk) { return walk_agg_members(walk, kPipeline); }

bool walk_cumulative_sum(Walk& walk) { return walk_agg_members(walk, kCumulativeSum); }

bool walk_extended_stats_bucket(Walk& walk) { return walk_pipeline_members(walk, kExtendedStats); }

bool walk_percentiles_bucket(Walk& walk) { return walk_pipeline_members(walk, kPercentiles); }

bool walk_derivative(Walk& walk) { return walk_pipeline_members(walk, kDerivative); }

bool walk_serial_diff(Walk& walk) { return walk_pipeline_members(walk, kSerialDiff); }

bool walk_moving_avg(Walk& walk) { return walk_pipeline_members(walk, kMovingAvg); }

bool walk_moving_fn(Walk& walk) { return walk_pipeline_members(walk, kMovingFn); }

bool walk_bucket_script(Walk& walk) { return walk_pipeline_members(walk, kScripted); }

bool walk_bucket_sort(Walk& walk) { return walk_agg_members(walk, kBucketSort); }

}  // namespace weir
