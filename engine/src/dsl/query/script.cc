// script: documents for which a script says true. It runs on visible documents only: walk_query()
// puts the filter beside it.
#include "dsl/script.h"

#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr Key kKeys[] = {custom("script", walk_query_script), kBoost, kName};

}  // namespace

bool walk_script_type(Walk& walk) { return walk_query_members(walk, kKeys); }

}  // namespace weir
