// Every query type OpenSearch and its bundled plugins know, with its walk or its refusal. Sorted by
// name.
#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr QueryType denied_type(Name name, DenyCode code = DenyCode::kQueryDenied) {
  return {name, nullptr, code};
}

constexpr QueryType kTypes[] = {
    denied_type("agentic", DenyCode::kQueryModel),
    {"bool", walk_bool},
    {"boosting", walk_boosting},
    {"combined_fields", walk_combined_fields},
    denied_type("common", DenyCode::kQueryStatistics),
    {"constant_score", walk_constant_score},
    {"dis_max", walk_dis_max},
    {"distance_feature", walk_distance_feature},
    {"exists", walk_exists},
    {"field_masking_span", walk_span_field_masking},
    {"function_score", walk_function_score},
    {"fuzzy", walk_fuzzy},
    {"geo_bounding_box", walk_geo_bounding_box},
    {"geo_distance", walk_geo_distance_query},
    {"geo_polygon", walk_geo_polygon},
    {"geo_shape", walk_geo_shape_query},
    {"has_child", walk_has_child},
    {"has_parent", walk_has_parent},
    denied_type("hybrid", DenyCode::kQueryScoring),
    {"ids", walk_ids},
    {"intervals", walk_intervals},
    denied_type("knn", DenyCode::kQueryVectors),
    denied_type("ltr", DenyCode::kQueryStatistics),
    {"match", walk_match},
    {"match_all", walk_match_all},
    {"match_bool_prefix", walk_match_bool_prefix},
    denied_type("match_explorer", DenyCode::kQueryStatistics),
    {"match_none", walk_match_all},
    {"match_phrase", walk_match_phrase},
    {"match_phrase_prefix", walk_match_phrase_prefix},
    {"more_like_this", walk_more_like_this},
    {"multi_match", walk_multi_match},
    {"nested", walk_nested_query},
    denied_type("neural", DenyCode::kQueryModel),
    denied_type("neural_knn", DenyCode::kQueryVectors),
    denied_type("neural_sparse", DenyCode::kQueryModel),
    {"parent_id", walk_parent_id},
    {"percolate", walk_percolate},
    denied_type("percolate_ext"),
    {"prefix", walk_prefix},
    {"query_string", walk_query_string},
    {"range", walk_range},
    {"rank_feature", walk_rank_feature},
    {"regexp", walk_regexp},
    {"script", walk_script_type},
    {"script_score", walk_script_score},
    {"simple_query_string", walk_simple_query_string},
    denied_type("sltr", DenyCode::kQueryStatistics),
    {"span_containing", walk_span_containing},
    {"span_field_masking", walk_span_field_masking},
    {"span_first", walk_span_first},
    {"span_gap", walk_span_gap},
    denied_type("span_multi", DenyCode::kQueryExpansion),
    {"span_near", walk_span_near},
    {"span_not", walk_span_not},
    {"span_or", walk_span_or},
    {"span_term", walk_span_term},
    {"span_within", walk_span_containing},
    {"template", walk_template},
    {"term", walk_term},
    denied_type("term_stat", DenyCode::kQueryStatistics),
    {"terms", walk_terms},
    {"terms_set", walk_terms_set},
    denied_type("validating_ltr_query", DenyCode::kQueryStatistics),
    {"wildcard", walk_wildcard},
    {"wrapper", walk_wrapper},
    {"xy_shape", walk_geo_shape_query},
};

}  // namespace

std::span<const QueryType> query_types() { return kTypes; }

const QueryType* find_query_type(const Name& name) { return find_row<kTypes>(name); }

}  // namespace weir
