#include "dsl/query/query.h"

#include <algorithm>

#include "dsl/script.h"

namespace weir {
namespace {

bool walk_typed(Walk& walk, const Name& name, bool (*may_stand)(const Name&)) {
  const QueryType* type = find_query_type(name);
  if (type == nullptr) return walk.fail(DenyCode::kQueryUnknown, name);
  if (!may_stand(name)) return walk.fail(DenyCode::kQuerySpan, name);
  if (type->walk == nullptr) return walk.fail(type->deny, name);
  return type->walk(walk);
}

// OpenSearch compares a range of dates with the bounds of everybody's values before it searches,
// and leaves out what cannot match together with it: errors, names, highlights and inner hits then
// tell of hidden documents. It does not look through a dis_max.
bool is_pruned_by_bounds(const Name& type) { return type == "range"; }

// Queries that are the same on fields of every kind, or on none.
bool is_safe_in_threads(const Name& type) {
  constexpr Name kSafe[] = {"bool", "constant_score", "exists", "ids", "match_all", "match_none"};
  return std::find(std::begin(kSafe), std::end(kSafe), type) != std::end(kSafe);
}
constexpr std::string_view kUnprunedOpen = R"("dis_max":{"queries":[{)";
constexpr std::string_view kUnprunedClose = "}]}";

}  // namespace

bool walk_query(Walk& walk) {
  return walk_query_of(walk, [](const Name& type) { return type != "span_gap"; });
}

bool walk_query_of(Walk& walk, bool (*may_stand)(const Name& type)) {
  if (++walk.clauses > walk.limits.max_clauses) return walk.fail(DenyCode::kQueryTooMany);
  if (walk.query_depth == walk.limits.max_query_depth) return walk.fail(DenyCode::kQueryTooDeep);
  if (walk.json.type() != JsonType::kObject) return walk.fail(DenyCode::kQueryShape);
  ++walk.query_depth;
  std::size_t inside = walk.here() + 1;
  std::uint32_t types = 0;
  bool walked = walk.object([&](const Name& name) {
    if (++types > 1) return walk.fail(DenyCode::kQueryShape, name);
    walk.query_inside = inside;
    walk.loses_in_threads = walk.loses_in_threads || !is_safe_in_threads(name);
    if (!walk_typed(walk, name, may_stand)) return false;
    guard_scripted_query(walk, inside);
    if (is_pruned_by_bounds(name)) {
      walk.edits.insert(inside, kUnprunedOpen);
      walk.edits.insert(walk.here(), kUnprunedClose);
    }
    return true;
  });
  if (!walked) return false;
  gate_scripted_query(walk, inside - 1);
  --walk.query_depth;
  return types == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

bool walk_queries(Walk& walk) {
  if (walk.json.type() != JsonType::kArray) return walk_query(walk);
  return walk.array([&](std::uint32_t) { return walk_query(walk); });
}

namespace {

constexpr std::uint64_t kMaxStates = 10000;

// One field, its value consumed by `value`.
template <typename Value>
bool walk_one_field(Walk& walk, Value&& value,
                    bool (*check)(Walk&, std::string_view) = check_field) {
  std::uint32_t fields = 0;
  bool walked = walk.object([&](std::string_view field) {
    if (++fields > 1) return walk.fail(DenyCode::kQueryKeyUnknown, field);
    return check(walk, field) && value();
  });
  if (!walked) return false;
  return fields == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

bool is_long_form(const Walk& walk) { return walk.json.type() == JsonType::kObject; }

}  // namespace

bool check_value_field(Walk& walk, std::string_view name) {
  return name == "_ignored" || check_field(walk, name);
}

bool walk_field_query(Walk& walk, std::span<const Key> keys,
                      bool (*check)(Walk&, std::string_view)) {
  return walk_one_field(
      walk, [&] { return is_long_form(walk) ? walk_query_members(walk, keys) : walk.scalar(); },
      check);
}

bool walk_field_query(Walk& walk, bool (*members)(Walk&)) {
  return walk_one_field(walk, [&] { return is_long_form(walk) ? members(walk) : walk.scalar(); });
}

bool walk_field_query(Walk& walk, bool (*short_form)(Walk&), bool (*members)(Walk&)) {
  return walk_one_field(walk,
                        [&] { return is_long_form(walk) ? members(walk) : short_form(walk); });
}

bool walk_field_query(Walk& walk, std::span<const Key> keys, std::string_view short_key,
                      const Forced& forced) {
  return walk_one_field(walk, [&] {
    if (is_long_form(walk)) return walk_query_members(walk, keys, forced);
    std::size_t begin = walk.here();
    if (!walk.scalar()) return false;
    walk.edits.insert(begin, walk.arena.concat({R"({")", short_key, R"(":)"}));
    walk.edits.insert(walk.here(), walk.arena.concat({",", forced.member, "}"}));
    return true;
  });
}

bool walk_query_members(Walk& walk, std::span<const Key> keys, const Forced& forced) {
  std::size_t inside = walk.here() + 1;
  bool empty = true;
  bool needed = forced.beside.text.empty();
  bool there = false;
  bool idle = false;
  bool walked = walk.object([&](const Name& name) {
    empty = false;
    idle = idle || (!name.text.empty() && name == forced.idle);
    needed = needed || name == forced.beside;
    there = there || name == forced.key;
    const Key* key = find_key(keys, name);
    return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name) : walk_value(walk, *key);
  });
  if (!walked) return false;
  if (idle && !there) return walk.fail_at_key(forced.idle, DenyCode::kQueryKnob, forced.idle);
  if (needed && !there) {
    walk.edits.insert(inside, forced.member);
    if (!empty) walk.edits.insert(inside, ",");
  }
  return true;
}

bool walk_kept(Walk& walk, const Key& key, std::string_view& kept) {
  std::size_t begin = walk.here();
  if (!walk_value(walk, key)) return false;
  kept = walk.arena.concat({kept, R"(,")", key.name, R"(":)", text_between(walk, begin)});
  return true;
}

bool walk_rewrite(Walk& walk) {
  std::string_view method;
  if (!walk.string(method)) return false;
  return method == "constant_score" ? true : walk.fail(DenyCode::kQueryKnob, method);
}

bool walk_max_states(Walk& walk) {
  std::uint64_t states = 0;
  if (!walk.integer(states)) return false;
  return states <= kMaxStates ? true : walk.fail(DenyCode::kBodyValue);
}

}  // namespace weir
