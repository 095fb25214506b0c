// The walks of the query types, one file each; registry.cc lists them.
#pragma once

#include "dsl/query/query.h"

namespace weir {

bool walk_bool(Walk& walk);
bool walk_match(Walk& walk);
bool walk_match_all(Walk& walk);
bool walk_term(Walk& walk);

/// Walks a long form that may hold `fuzziness`; if it does, `fuzzy_rewrite` is set so that every
/// matching term counts and hidden documents' terms cannot push visible ones out.
bool walk_fuzzy_members(Walk& walk, std::span<const Key> keys);

}  // namespace weir
