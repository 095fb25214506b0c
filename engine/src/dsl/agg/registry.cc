// Every aggregation type OpenSearch and its bundled plugins know, with its walk or its refusal.
// Sorted by name.
#include "dsl/agg/types.h"

namespace weir {
namespace {

constexpr AggType denied_type(std::string_view name, DenyCode code = DenyCode::kAggDenied) {
  return {name, nullptr, code};
}

constexpr AggType kTypes[] = {
    denied_type("adjacency_matrix"),
    denied_type("auto_date_histogram"),
    denied_type("avg"),
    denied_type("avg_bucket"),
    denied_type("bucket_script"),
    denied_type("bucket_selector"),
    denied_type("bucket_selector_ext"),
    denied_type("bucket_sort"),
    denied_type("cardinality"),
    denied_type("children"),
    denied_type("composite"),
    denied_type("cumulative_sum"),
    denied_type("date_histogram"),
    denied_type("date_range"),
    denied_type("derivative"),
    denied_type("diversified_sampler"),
    denied_type("extended_stats"),
    denied_type("extended_stats_bucket"),
    denied_type("filter"),
    denied_type("filters"),
    denied_type("geo_bounds"),
    denied_type("geo_centroid"),
    denied_type("geo_distance"),
    denied_type("geohash_grid"),
    denied_type("geohex_grid"),
    denied_type("geotile_grid"),
    denied_type("global", DenyCode::kAggGlobal),
    denied_type("histogram"),
    denied_type("ip_range"),
    denied_type("matrix_stats"),
    denied_type("max"),
    denied_type("max_bucket"),
    denied_type("median_absolute_deviation"),
    denied_type("min"),
    denied_type("min_bucket"),
    denied_type("missing"),
    denied_type("moving_avg"),
    denied_type("moving_fn"),
    denied_type("multi_terms"),
    denied_type("multivalue_doc_count"),
    denied_type("nested"),
    denied_type("parent"),
    denied_type("percentile_ranks"),
    denied_type("percentiles"),
    denied_type("percentiles_bucket"),
    denied_type("range"),
    denied_type("rare_terms"),
    denied_type("reverse_nested"),
    denied_type("sampler"),
    denied_type("scripted_metric", DenyCode::kScriptDenied),
    denied_type("serial_diff"),
    denied_type("significant_terms"),
    denied_type("significant_text"),
    denied_type("stats"),
    denied_type("stats_bucket"),
    denied_type("sum"),
    denied_type("sum_bucket"),
    {"terms", walk_terms_agg},
    denied_type("top_hits"),
    denied_type("value_count"),
    denied_type("variable_width_histogram"),
    denied_type("weighted_avg"),
};

}  // namespace

std::span<const AggType> agg_types() { return kTypes; }

}  // namespace weir
