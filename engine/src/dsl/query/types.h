// The walks of the query types; registry.cc lists them.
#pragma once

#include "dsl/query/query.h"

namespace weir {

bool walk_bool(Walk& walk);
bool walk_boosting(Walk& walk);
bool walk_combined_fields(Walk& walk);
bool walk_constant_score(Walk& walk);
bool walk_dis_max(Walk& walk);
bool walk_distance_feature(Walk& walk);
bool walk_exists(Walk& walk);
bool walk_function_score(Walk& walk);
bool walk_fuzzy(Walk& walk);
bool walk_geo_bounding_box(Walk& walk);
bool walk_geo_distance_query(Walk& walk);
bool walk_geo_polygon(Walk& walk);
bool walk_geo_shape_query(Walk& walk);
bool walk_has_child(Walk& walk);
bool walk_has_parent(Walk& walk);
bool walk_ids(Walk& walk);
bool walk_intervals(Walk& walk);
bool walk_match(Walk& walk);
bool walk_match_all(Walk& walk);
bool walk_match_bool_prefix(Walk& walk);
bool walk_match_phrase(Walk& walk);
bool walk_match_phrase_prefix(Walk& walk);
bool walk_more_like_this(Walk& walk);
bool walk_multi_match(Walk& walk);
bool walk_nested_query(Walk& walk);
bool walk_parent_id(Walk& walk);
bool walk_percolate(Walk& walk);
bool walk_prefix(Walk& walk);
bool walk_query_string(Walk& walk);
bool walk_range(Walk& walk);
bool walk_rank_feature(Walk& walk);
bool walk_regexp(Walk& walk);
bool walk_script_score(Walk& walk);
bool walk_script_type(Walk& walk);
bool walk_simple_query_string(Walk& walk);
bool walk_span_containing(Walk& walk);
bool walk_span_field_masking(Walk& walk);
bool walk_span_first(Walk& walk);
bool walk_span_gap(Walk& walk);
bool walk_span_near(Walk& walk);
bool walk_span_not(Walk& walk);
bool walk_span_or(Walk& walk);
bool walk_span_term(Walk& walk);
bool walk_template(Walk& walk);
bool walk_term(Walk& walk);
bool walk_terms(Walk& walk);
bool walk_terms_set(Walk& walk);
bool walk_wildcard(Walk& walk);
bool walk_wrapper(Walk& walk);

}  // namespace weir
