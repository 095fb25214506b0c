// The walks of the query types; registry.cc lists them.
#pragma once

#include "dsl/query/query.h"

namespace weir {

bool walk_bool(Walk& walk);
bool walk_boosting(Walk& walk);
bool walk_constant_score(Walk& walk);
bool walk_dis_max(Walk& walk);
bool walk_exists(Walk& walk);
bool walk_fuzzy(Walk& walk);
bool walk_geo_bounding_box(Walk& walk);
bool walk_geo_distance_query(Walk& walk);
bool walk_geo_polygon(Walk& walk);
bool walk_ids(Walk& walk);
bool walk_match(Walk& walk);
bool walk_match_all(Walk& walk);
bool walk_match_bool_prefix(Walk& walk);
bool walk_match_phrase(Walk& walk);
bool walk_match_phrase_prefix(Walk& walk);
bool walk_multi_match(Walk& walk);
bool walk_nested_query(Walk& walk);
bool walk_prefix(Walk& walk);
bool walk_query_string(Walk& walk);
bool walk_range(Walk& walk);
bool walk_regexp(Walk& walk);
bool walk_simple_query_string(Walk& walk);
bool walk_term(Walk& walk);
bool walk_terms(Walk& walk);
bool walk_wildcard(Walk& walk);

}  // namespace weir
