// match_all and match_none.
#include "dsl/query/types.h"

namespace weir {
namespace {
constexpr Key kKeys[] = {kBoost, kName};
}  // namespace

bool walk_match_all(Walk& walk) { return walk_query_members(walk, kKeys); }

}  // namespace weir
