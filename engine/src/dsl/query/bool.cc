// bool: clauses of queries. `mustNot` is refused, because `must_not` beside it would be merged
// unseen.
#include "dsl/query/types.h"

namespace weir {
namespace {
constexpr Key kKeys[] = {
    {"must", Rule::kQueries},
    {"filter", Rule::kQueries},
    {"should", Rule::kQueries},
    {"must_not", Rule::kQueries},
    {"minimum_should_match", Rule::kScalar},
    {"adjust_pure_negative", Rule::kBool},
    kBoost,
    kName,
};
}  // namespace

bool walk_bool(Walk& walk) { return walk_query_members(walk, kKeys); }

}  // namespace weir
