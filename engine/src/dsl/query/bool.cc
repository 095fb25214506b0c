// bool: clauses of queries. `mustNot` is refused, because `must_not` beside it would be merged
// unseen.
#include "dsl/query/types.h"
#include "dsl/script.h"

namespace weir {
namespace {
constexpr Key kMinimum{"minimum_should_match", Rule::kScalar};

bool walk_should_match(Walk& walk) {
  std::size_t begin = walk.here();
  if (!walk_value(walk, kMinimum)) return false;
  std::string_view text = walk.json.text().substr(begin, walk.here() - begin);
  return check_should_match(walk, text);
}

constexpr Key kKeys[] = {
    {"must", Rule::kQueries},
    {"filter", Rule::kQueries},
    {"should", Rule::kQueries},
    {"must_not", Rule::kQueries},
    custom("minimum_should_match", walk_should_match),
    {"adjust_pure_negative", Rule::kBool},
    kBoost,
    kName,
};
}  // namespace

bool walk_bool(Walk& walk) { return walk_query_members(walk, kKeys); }

}  // namespace weir
