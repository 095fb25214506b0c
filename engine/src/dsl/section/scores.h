// What works with relevance scores: open where the profile keeps them, and nowhere else.
#pragma once

#include "dsl/walk.h"

namespace weir {

/// `min_score`: a number.
bool walk_min_score(Walk& walk);

/// `rescore`: one rescorer or an array of them, each with a query that is walked as any other.
bool walk_rescore(Walk& walk);

/// `include_named_queries_score`: true only with scores.
bool walk_named_scores(Walk& walk);

}  // namespace weir
