// Every aggregation type OpenSearch and its bundled plugins know, with its walk or its refusal.
// Sorted by name.
#include "dsl/agg/types.h"

namespace weir {
namespace {

constexpr AggType denied_type(std::string_view name, DenyCode code = DenyCode::kAggDenied) {
  return {name, nullptr, code};
}

constexpr AggType kTypes[] = {
    {"adjacency_matrix", walk_adjacency_matrix},
    {"auto_date_histogram", walk_auto_date_histogram},
    {"avg", walk_metric},
    {"avg_bucket", walk_pipeline},
    {"bucket_script", walk_bucket_script},
    {"bucket_selector", walk_bucket_script},
    denied_type("bucket_selector_ext"),
    {"bucket_sort", walk_bucket_sort},
    {"cardinality", walk_cardinality},
    denied_type("children"),
    {"composite", walk_composite},
    {"cumulative_sum", walk_cumulative_sum},
    {"date_histogram", walk_date_histogram},
    {"date_range", walk_date_range},
    {"derivative", walk_derivative},
    denied_type("diversified_sampler"),
    {"extended_stats", walk_extended_stats},
    {"extended_stats_bucket", walk_extended_stats_bucket},
    {"filter", walk_filter_agg},
    {"filters", walk_filters},
    {"geo_bounds", walk_geo_bounds},
    {"geo_centroid", walk_geo_centroid},
    {"geo_distance", walk_geo_distance_agg},
    {"geohash_grid", walk_geo_grid},
    denied_type("geohex_grid"),
    {"geotile_grid", walk_geo_grid},
    denied_type("global", DenyCode::kAggGlobal),
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
    denied_type("multivalue_doc_count"),
    {"nested", walk_nested_agg},
    denied_type("parent"),
    {"percentile_ranks", walk_percentile_ranks},
    {"percentiles", walk_percentiles},
    {"percentiles_bucket", walk_percentiles_bucket},
    {"range", walk_range_agg},
    {"rare_terms", walk_rare_terms},
    {"reverse_nested", walk_nested_agg},
    denied_type("sampler"),
    denied_type("scripted_metric", DenyCode::kScriptDenied),
    {"serial_diff", walk_serial_diff},
    denied_type("significant_terms"),
    denied_type("significant_text"),
    {"stats", walk_metric},
    {"stats_bucket", walk_pipeline},
    {"sum", walk_metric},
    {"sum_bucket", walk_pipeline},
    {"terms", walk_terms_agg},
    {"top_hits", walk_top_hits},
    {"value_count", walk_metric},
    denied_type("variable_width_histogram"),
    {"weighted_avg", walk_weighted_avg},
};

}  // namespace

std::span<const AggType> agg_types() { return kTypes; }

}  // namespace weir
