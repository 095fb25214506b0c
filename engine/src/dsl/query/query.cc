#include "dsl/query/query.h"

#include <algorithm>

namespace weir {
namespace {

bool walk_typed(Walk& walk, std::string_view name) {
  std::span<const QueryType> types = query_types();
  auto type = std::lower_bound(types.begin(), types.end(), name,
                               [](const QueryType& t, std::string_view n) { return t.name < n; });
  if (type == types.end() || type->name != name) return walk.fail(DenyCode::kQueryUnknown, name);
  if (type->walk == nullptr) return walk.fail(type->deny, name);
  return type->walk(walk);
}

}  // namespace

bool walk_query(Walk& walk) {
  if (++walk.clauses > walk.limits.max_clauses) return walk.fail(DenyCode::kQueryTooMany);
  if (walk.query_depth == walk.limits.max_query_depth) return walk.fail(DenyCode::kQueryTooDeep);
  if (walk.json.type() != JsonType::kObject) return walk.fail(DenyCode::kQueryShape);
  ++walk.query_depth;
  std::uint32_t types = 0;
  bool walked = walk.object([&](std::string_view name) {
    return ++types > 1 ? walk.fail(DenyCode::kQueryShape, name) : walk_typed(walk, name);
  });
  if (!walked) return false;
  --walk.query_depth;
  return types == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

bool walk_queries(Walk& walk) {
  if (walk.json.type() != JsonType::kArray) return walk_query(walk);
  return walk.array([&](std::uint32_t) { return walk_query(walk); });
}

namespace {

// One field, its long form consumed by `long_form`.
template <typename LongForm>
bool walk_one_field(Walk& walk, LongForm&& long_form) {
  std::uint32_t fields = 0;
  bool walked = walk.object([&](std::string_view field) {
    if (++fields > 1) return walk.fail(DenyCode::kQueryKeyUnknown, field);
    if (!check_field(walk, field)) return false;
    return walk.json.type() == JsonType::kObject ? long_form() : walk.scalar();
  });
  if (!walked) return false;
  return fields == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

}  // namespace

bool walk_field_query(Walk& walk, std::span<const Key> keys) {
  return walk_one_field(walk, [&] { return walk_query_members(walk, keys); });
}

bool walk_field_query(Walk& walk, bool (*members)(Walk&)) {
  return walk_one_field(walk, [&] { return members(walk); });
}

bool walk_rewrite(Walk& walk) {
  std::string_view method;
  if (!walk.string(method)) return false;
  return method == "constant_score" ? true : walk.fail(DenyCode::kQueryKnob, method);
}

}  // namespace weir
