// The walks of the aggregation types, and what they share; registry.cc lists them.
#pragma once

#include "dsl/agg/agg.h"

namespace weir {

bool walk_adjacency_matrix(Walk& walk);
bool walk_auto_date_histogram(Walk& walk);
bool walk_bucket_script(Walk& walk);
bool walk_bucket_sort(Walk& walk);
bool walk_cardinality(Walk& walk);
bool walk_composite(Walk& walk);
bool walk_cumulative_sum(Walk& walk);
bool walk_date_histogram(Walk& walk);
bool walk_date_range(Walk& walk);
bool walk_derivative(Walk& walk);
bool walk_deviation(Walk& walk);
bool walk_extended_stats(Walk& walk);
bool walk_extended_stats_bucket(Walk& walk);
bool walk_filter_agg(Walk& walk);
bool walk_filters(Walk& walk);
bool walk_geo_bounds(Walk& walk);
bool walk_geo_centroid(Walk& walk);
bool walk_geo_distance_agg(Walk& walk);
bool walk_geo_grid(Walk& walk);
bool walk_global(Walk& walk);
bool walk_histogram(Walk& walk);
bool walk_ip_range(Walk& walk);
bool walk_join_agg(Walk& walk);
bool walk_matrix_stats(Walk& walk);
bool walk_metric(Walk& walk);
bool walk_moving_avg(Walk& walk);
bool walk_moving_fn(Walk& walk);
bool walk_multi_terms(Walk& walk);
bool walk_nested_agg(Walk& walk);
bool walk_percentile_ranks(Walk& walk);
bool walk_percentiles(Walk& walk);
bool walk_percentiles_bucket(Walk& walk);
bool walk_pipeline(Walk& walk);
bool walk_range_agg(Walk& walk);
bool walk_rare_terms(Walk& walk);
bool walk_serial_diff(Walk& walk);
bool walk_significant_terms(Walk& walk);
bool walk_significant_text(Walk& walk);
bool walk_terms_agg(Walk& walk);
bool walk_top_hits(Walk& walk);
bool walk_weighted_avg(Walk& walk);

// --- what the types' files share

/// The values an aggregation works on: `field`, `missing`, `value_type`, `script`.
std::span<const Key> value_keys();

/// How its results are written; not every aggregation takes it.
inline constexpr Key kFormat{"format", Rule::kString};

/// Walks an object whose members stand in `keys` or in value_keys().
bool walk_values_agg(Walk& walk, std::span<const Key> keys);

/// An integer of at least 1 (0 would list terms that only hidden documents have).
bool walk_min_doc_count(Walk& walk);
/// A number of buckets within the limits.
bool walk_bucket_count(Walk& walk);
/// `order`: `{"<path>": "asc" | "desc"}`, or an array of them.
bool walk_bucket_order(Walk& walk);
/// `include` or `exclude`: a regular expression, a list of values, or one of several parts.
bool walk_term_choice(Walk& walk);
/// A path to another aggregation's result; remembered in `walk` (check_turned_names).
bool walk_agg_path(Walk& walk, std::string_view& path);
/// The bounds of a map grid.
bool walk_grid_bounds(Walk& walk);

}  // namespace weir
