// Metrics: one value, or a few, of the documents of a bucket. avg, max, min, sum, stats,
// value_count, missing and geo_centroid take nothing but their values.
#include "dsl/agg/types.h"

namespace weir {
namespace {

constexpr Key kMetric[] = {kFormat};

constexpr Key kExtendedStats[] = {kFormat, {"sigma", Rule::kNumber}};

constexpr Key kDeviation[] = {kFormat, {"compression", Rule::kNumber}};

constexpr Key kCardinality[] = {
    {"precision_threshold", Rule::kInteger},
    {"execution_hint", Rule::kString},
    denied("rehash", DenyCode::kAggKnob),  // OpenSearch ignores it
};

constexpr Key kDigest[] = {{"compression", Rule::kNumber}};
constexpr Key kHistogram[] = {{"number_of_significant_value_digits", Rule::kInteger}};

bool walk_digest(Walk& walk) { return walk_agg_members(walk, kDigest); }
bool walk_hdr(Walk& walk) { return walk_agg_members(walk, kHistogram); }

constexpr Key kPercentiles[] = {
    kFormat,
    {"percents", Rule::kScalars},
    {"keyed", Rule::kBool},
    custom("tdigest", walk_digest),
    custom("hdr", walk_hdr),
};

constexpr Key kRanks[] = {
    kFormat,
    {"values", Rule::kScalars},
    {"keyed", Rule::kBool},
    custom("tdigest", walk_digest),
    custom("hdr", walk_hdr),
};

bool walk_value_source(Walk& walk) { return walk_values_agg(walk, {}); }

constexpr Key kWeightedAvg[] = {
    custom("value", walk_value_source),
    custom("weight", walk_value_source),
    kFormat,
    {"value_type", Rule::kString},
};

bool walk_missing_values(Walk& walk) {
  return walk.object(
      [&](std::string_view field) { return check_field(walk, field) && walk.scalar(); });
}

constexpr Key kMatrixStats[] = {
    {"fields", Rule::kFieldPatterns},
    {"mode", Rule::kString},
    custom("missing", walk_missing_values),
};

}  // namespace

bool walk_metric(Walk& walk) { return walk_values_agg(walk, kMetric); }

bool walk_extended_stats(Walk& walk) { return walk_values_agg(walk, kExtendedStats); }

bool walk_deviation(Walk& walk) { return walk_values_agg(walk, kDeviation); }

bool walk_cardinality(Walk& walk) { return walk_values_agg(walk, kCardinality); }

bool walk_percentiles(Walk& walk) { return walk_values_agg(walk, kPercentiles); }

bool walk_percentile_ranks(Walk& walk) { return walk_values_agg(walk, kRanks); }

bool walk_weighted_avg(Walk& walk) { return walk_agg_members(walk, kWeightedAvg); }

// In buckets without documents OpenSearch gives its fields or leaves them out by how segments, hidden
// documents included, lie.
bool walk_matrix_stats(Walk& walk) {
  if (walk.agg_depth > 1) return walk.fail(DenyCode::kAggDenied, "matrix_stats below another");
  return walk_agg_members(walk, kMatrixStats);
}

}  // namespace weir
