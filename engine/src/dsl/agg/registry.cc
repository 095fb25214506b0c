// Every aggregation type OpenSearch and its bundled plugins know, with its walk or its refusal.
// Sorted by name.
#include "dsl/agg/types.h"

namespace weir {
namespace {

constexpr AggType denied_type(Name name, DenyCode code) {
  return {name, nullptr, code};
}

constexpr AggType kTypes[] = {
    {"adjacency_matrix", walk_adjacency_matrix},
    {"auto_date_histogram", walk_auto_date_histogram},
    {"avg", walk_metric},
    {"avg_bucket", walk_pipeline},
    {"bucket_script", walk_bucket_script},
    {"bucket_selector", walk_bucket_script},
    denied_type("bucket_selector_ext", DenyCode::kAggPlugin),
    {"bucket_sort", walk_bucket_sort},
    {"cardinality", walk_cardinality},
    {"children", walk_join_agg},
    {"composite", walk_composite},
    {"cumulative_sum", walk_cumulative_sum},
    {"date_histogram", walk_date_histogram},
    {"date_range", walk_date_range},
    {"derivative", walk_derivative},
    denied_type("diversified_sampler", DenyCode::kAggSampler),
    {"extended_stats", walk_extended_stats},
    {"extended_stats_bucket", walk_extended_stats_bucket},
    {"filter", walk_filter_agg},
    {"filters", walk_filters},
    {"geo_bounds", walk_geo_bounds},
    {"geo_centroid", walk_geo_centroid},
    {"geo_distance", walk_geo_distance_agg},
    {"geohash_grid", walk_geo_grid},
    denied_type("geohex_grid", DenyCode::kAggPlugin),
    {"geotile_grid", walk_geo_grid},
    {"global", walk_global},
    {"histogram", walk_histogram},
    {"ip_range", walk_ip_range},
    {"matrix_stats", walk_matrix_stats},
    {"max", walk_metric},
    {"max_bucket", walk_pipeline},
    {"median_absolute_deviation", walk_deviation},
    {"min", walk_metric},
    {"min_bucket", walk_pipeline},
    {"missing", walk_metric},
    {"moving_avg", walk_moving_avg},
    {"moving_fn", walk_moving_fn},
    {"multi_terms", walk_multi_terms},
    {"multivalue_doc_count", walk_metric},
    {"nested", walk_nested_agg},
    {"parent", walk_join_agg},
    {"percentile_ranks", walk_percentile_ranks},
    {"percentiles", walk_percentiles},
    {"percentiles_bucket", walk_percentiles_bucket},
    {"range", walk_range_agg},
    {"rare_terms", walk_rare_terms},
    {"reverse_nested", walk_nested_agg},
    denied_type("sampler", DenyCode::kAggSampler),
    denied_type("scripted_metric", DenyCode::kAggScripted),
    {"serial_diff", walk_serial_diff},
    {"significant_terms", walk_significant_terms},
    {"significant_text", walk_significant_text},
    {"stats", walk_metric},
    {"stats_bucket", walk_pipeline},
    {"sum", walk_metric},
    {"sum_bucket", walk_pipeline},
    {"terms", walk_terms_agg},
    {"top_hits", walk_top_hits},
    {"value_count", walk_metric},
    denied_type("variable_width_histogram", DenyCode::kAggVariableWidth),
    {"weighted_avg", walk_weighted_avg},
};

}  // namespace

std::span<const AggType> agg_types() { return kTypes; }

const AggType* find_agg_type(const Name& name) { return find_row<kTypes>(name); }

}  // namespace weir
