#include "dsl/section/scores.h"

#include "dsl/rules.h"
#include "dsl/section/hits.h"

namespace weir {
namespace {

constexpr Key kRescoreQuery[] = {
    {"rescore_query", Rule::kQuery},
    {"query_weight", Rule::kNumber},
    {"rescore_query_weight", Rule::kNumber},
    {"score_mode", Rule::kString},
};

bool walk_rescore_query(Walk& walk) {
  return walk_members(walk, kRescoreQuery, DenyCode::kBodyKeyUnknown);
}

// The hits that a rescorer looks at are those of the search's own query, behind the filter.
constexpr Key kRescorer[] = {
    custom("window_size", walk_hit_count),
    custom("query", walk_rescore_query),
};

bool walk_rescorer(Walk& walk) { return walk_members(walk, kRescorer, DenyCode::kBodyKeyUnknown); }

}  // namespace

bool walk_min_score(Walk& walk) {
  return check_scores(walk) && walk_value(walk, {"min_score", Rule::kNumber});
}

bool walk_rescore(Walk& walk) {
  walk.rescores = true;
  if (walk.json.type() != JsonType::kArray) return walk_rescorer(walk);
  return walk.array([&](std::uint32_t) { return walk_rescorer(walk); });
}

bool walk_named_scores(Walk& walk) {
  bool asked = false;
  if (!walk.boolean(asked)) return false;
  return asked ? check_scores(walk) : true;
}

}  // namespace weir
