// fuzzy: terms near one term. Only the rewrite that takes every near term does not depend on which
// of them hidden documents have.
#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr Key kKeys[] = {
    {"value", Rule::kScalar},
    {"fuzziness", Rule::kScalar},
    {"prefix_length", Rule::kInteger},
    {"transpositions", Rule::kBool},
    {"max_expansions", Rule::kInteger},
    custom("rewrite", walk_rewrite),
    kBoost,
    kName,
};

constexpr Forced kRewrite{"rewrite", R"("rewrite":"constant_score")", {}, "max_expansions"};

}  // namespace

bool walk_fuzzy(Walk& walk) { return walk_field_query(walk, kKeys, "value", kRewrite); }

}  // namespace weir
