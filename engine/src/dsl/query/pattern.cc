// prefix, wildcard and regexp: terms by a pattern. Their default rewrite takes every matching term;
// the others would count terms that only hidden documents have.
#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr Key kPrefix[] = {
    {"value", Rule::kScalar},
    {"case_insensitive", Rule::kBool},
    custom("rewrite", walk_rewrite),
    kBoost,
    kName,
};

constexpr Key kWildcard[] = {
    {"value", Rule::kScalar},
    {"wildcard", Rule::kScalar},
    {"case_insensitive", Rule::kBool},
    custom("rewrite", walk_rewrite),
    kBoost,
    kName,
};

bool walk_expression(Walk& walk) {
  std::string_view expression;
  if (!walk.string(expression)) return false;
  return expression.size() <= walk.limits.max_regexp_bytes ? true : walk.fail(DenyCode::kBodyValue);
}

constexpr Key kRegexp[] = {
    custom("value", walk_expression),
    {"flags", Rule::kString},
    {"flags_value", Rule::kInteger},
    {"case_insensitive", Rule::kBool},
    custom("max_determinized_states", walk_max_states),
    custom("rewrite", walk_rewrite),
    kBoost,
    kName,
};

}  // namespace

bool walk_prefix(Walk& walk) { return walk_field_query(walk, kPrefix); }

bool walk_wildcard(Walk& walk) { return walk_field_query(walk, kWildcard); }

bool walk_regexp(Walk& walk) {
  return walk_field_query(walk, walk_expression,
                          [](Walk& w) { return walk_query_members(w, kRegexp); });
}

}  // namespace weir
