// constant_score, dis_max and boosting: queries around queries.
#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr Key kConstantScore[] = {{"filter", Rule::kQuery}, kBoost, kName};

constexpr Key kDisMax[] = {
    {"queries", Rule::kQueries}, {"tie_breaker", Rule::kNumber}, kBoost, kName};

constexpr Key kBoosting[] = {
    {"positive", Rule::kQuery},
    {"negative", Rule::kQuery},
    {"negative_boost", Rule::kNumber},
    kBoost,
    kName,
};

}  // namespace

bool walk_constant_score(Walk& walk) { return walk_query_members(walk, kConstantScore); }

bool walk_dis_max(Walk& walk) { return walk_query_members(walk, kDisMax); }

bool walk_boosting(Walk& walk) { return walk_query_members(walk, kBoosting); }

}  // namespace weir
