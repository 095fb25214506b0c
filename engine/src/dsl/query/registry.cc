// Every query type OpenSearch and its bundled plugins know, with its walk or its refusal. Sorted by
// name.
#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr QueryType denied_type(std::string_view name, DenyCode code = DenyCode::kQueryDenied) {
  return {name, nullptr, code};
}

constexpr QueryType kTypes[] = {
    denied_type("agentic"),
    {"bool", walk_bool},
    {"boosting", walk_boosting},
    denied_type("combined_fields"),
    denied_type("common"),
    {"constant_score", walk_constant_score},
    {"dis_max", walk_dis_max},
    denied_type("distance_feature"),
    {"exists", walk_exists},
    denied_type("field_masking_span"),
    denied_type("function_score"),
    {"fuzzy", walk_fuzzy},
    {"geo_bounding_box", walk_geo_bounding_box},
    {"geo_distance", walk_geo_distance_query},
    {"geo_polygon", walk_geo_polygon},
    denied_type("geo_shape"),
    denied_type("has_child"),
    denied_type("has_parent"),
    denied_type("hybrid"),
    {"ids", walk_ids},
    denied_type("intervals"),
    denied_type("knn"),
    denied_type("ltr"),
    {"match", walk_match},
    {"match_all", walk_match_all},
    {"match_bool_prefix", walk_match_bool_prefix},
    denied_type("match_explorer"),
    {"match_none", walk_match_all},
    {"match_phrase", walk_match_phrase},
    {"match_phrase_prefix", walk_match_phrase_prefix},
    denied_type("more_like_this"),
    {"multi_match", walk_multi_match},
    {"nested", walk_nested_query},
    denied_type("neural"),
    denied_type("neural_knn"),
    denied_type("neural_sparse"),
    denied_type("parent_id"),
    denied_type("percolate"),
    denied_type("percolate_ext"),
    {"prefix", walk_prefix},
    {"query_string", walk_query_string},
    {"range", walk_range},
    denied_type("rank_feature"),
    {"regexp", walk_regexp},
    denied_type("script", DenyCode::kScriptDenied),
    denied_type("script_score", DenyCode::kScriptDenied),
    {"simple_query_string", walk_simple_query_string},
    denied_type("sltr"),
    denied_type("span_containing"),
    denied_type("span_field_masking"),
    denied_type("span_first"),
    denied_type("span_gap"),
    denied_type("span_multi"),
    denied_type("span_near"),
    denied_type("span_not"),
    denied_type("span_or"),
    denied_type("span_term"),
    denied_type("span_within"),
    denied_type("template"),
    {"term", walk_term},
    denied_type("term_stat"),
    {"terms", walk_terms},
    denied_type("terms_set"),
    denied_type("validating_ltr_query"),
    {"wildcard", walk_wildcard},
    denied_type("wrapper"),
    denied_type("xy_shape"),
};

}  // namespace

std::span<const QueryType> query_types() { return kTypes; }

}  // namespace weir
