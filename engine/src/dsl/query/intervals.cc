// intervals: rules about where the words of one field stand. Rules that expand a pattern are
// refused: OpenSearch takes the terms from everybody's dictionary, and fails when there are too
// many.
#include "dsl/query/types.h"

namespace weir {
namespace {

bool walk_rule(Walk& walk);

bool walk_rules(Walk& walk) {
  return walk.array([&](std::uint32_t) { return walk_rule(walk); });
}

constexpr Key kFilters[] = {
    custom("containing", walk_rule),
    custom("contained_by", walk_rule),
    custom("not_containing", walk_rule),
    custom("not_contained_by", walk_rule),
    custom("overlapping", walk_rule),
    custom("not_overlapping", walk_rule),
    custom("before", walk_rule),
    custom("after", walk_rule),
    denied("script", DenyCode::kScriptDenied),
};

bool walk_filter(Walk& walk) {
  std::uint32_t members = 0;
  bool walked = walk.object([&](const Name& name) {
    if (++members > 1) return walk.fail(DenyCode::kQueryShape, name);
    const Key* key = find_key(kFilters, name);
    return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name) : walk_value(walk, *key);
  });
  if (!walked) return false;
  return members == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

constexpr Key kMatch[] = {
    {"query", Rule::kString},      {"max_gaps", Rule::kNumber}, {"ordered", Rule::kBool},
    {"mode", Rule::kString},       {"analyzer", Rule::kString}, {"use_field", Rule::kField},
    custom("filter", walk_filter),
};

constexpr Key kAllOf[] = {
    custom("intervals", walk_rules), {"max_gaps", Rule::kNumber},   {"ordered", Rule::kBool},
    {"mode", Rule::kString},         custom("filter", walk_filter),
};

constexpr Key kAnyOf[] = {custom("intervals", walk_rules), custom("filter", walk_filter)};

constexpr Key kRules[] = {
    custom("match", [](Walk& w) { return walk_query_members(w, kMatch); }),
    custom("all_of", [](Walk& w) { return walk_query_members(w, kAllOf); }),
    custom("any_of", [](Walk& w) { return walk_query_members(w, kAnyOf); }),
    denied("prefix", DenyCode::kQueryExpansion),
    denied("wildcard", DenyCode::kQueryExpansion),
    denied("regexp", DenyCode::kQueryExpansion),
    denied("fuzzy", DenyCode::kQueryExpansion),
};

bool walk_rule_value(Walk& walk, const Name& name) {
  const Key* key = find_key(kRules, name);
  return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name) : walk_value(walk, *key);
}

// One rule below another; counted and bounded as queries are.
bool walk_rule(Walk& walk) {
  if (++walk.clauses > walk.limits.max_clauses) return walk.fail(DenyCode::kQueryTooMany);
  if (walk.query_depth == walk.limits.max_query_depth) return walk.fail(DenyCode::kQueryTooDeep);
  ++walk.query_depth;
  std::uint32_t rules = 0;
  bool walked = walk.object([&](std::string_view name) {
    if (++rules > 1) return walk.fail(DenyCode::kQueryShape, name);
    return walk_rule_value(walk, name);
  });
  if (!walked) return false;
  --walk.query_depth;
  return rules == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

bool walk_field_rule(Walk& walk) {
  constexpr Key kOptions[] = {kBoost, kName};
  std::uint32_t rules = 0;
  bool walked = walk.object([&](const Name& name) {
    if (const Key* key = find_key(kOptions, name)) return walk_value(walk, *key);
    if (++rules > 1) return walk.fail(DenyCode::kQueryShape, name);
    return walk_rule_value(walk, name);
  });
  if (!walked) return false;
  return rules == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

}  // namespace

bool walk_intervals(Walk& walk) {
  return walk_field_query(
      walk, [](Walk& w) { return w.fail(DenyCode::kBodyShape); }, walk_field_rule);
}

}  // namespace weir
