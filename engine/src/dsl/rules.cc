#include "dsl/rules.h"

#include "dsl/query/query.h"

namespace weir {
namespace {

bool walk_strings(Walk& walk, bool (*check)(Walk&, std::string_view)) {
  std::string_view text;
  if (walk.json.type() != JsonType::kArray) return walk.string(text) && check(walk, text);
  return walk.array([&](std::uint32_t) { return walk.string(text) && check(walk, text); });
}

bool walk_scalars(Walk& walk) {
  if (walk.json.type() != JsonType::kArray) return walk.scalar();
  return walk.array([&](std::uint32_t) { return walk.scalar(); });
}

bool walk_number(Walk& walk) {
  return walk.json.type() == JsonType::kNumber ? walk.skip() : walk.fail(DenyCode::kBodyShape);
}

bool walk_flag(Walk& walk) {
  bool flag = false;
  if (walk.json.type() != JsonType::kString) return walk.boolean(flag);
  std::string_view text;
  if (!walk.string(text)) return false;
  return text == "true" || text == "false" ? true : walk.fail(DenyCode::kBodyShape);
}

bool walk_false(Walk& walk, DenyCode code) {
  bool value = false;
  if (!walk.boolean(value)) return false;
  return value ? walk.fail(code) : true;
}

}  // namespace

bool walk_value(Walk& walk, const Key& key) {
  std::string_view text;
  std::uint64_t number = 0;
  switch (key.rule) {
    case Rule::kBool:
      return walk_flag(walk);
    case Rule::kInteger:
      return walk.integer(number);
    case Rule::kNumber:
      return walk_number(walk);
    case Rule::kScalar:
      return walk.scalar();
    case Rule::kScalarOrNull:
      return walk.json.type() == JsonType::kNull ? walk.skip() : walk.scalar();
    case Rule::kScalars:
      return walk_scalars(walk);
    case Rule::kString:
      return walk.string(text);
    case Rule::kStrings:
      return walk_strings(walk, [](Walk&, std::string_view) { return true; });
    case Rule::kField:
      return walk.string(text) && check_field(walk, text);
    case Rule::kFieldPatterns:
      return walk_strings(walk, check_field_pattern);
    case Rule::kQuery:
      return walk_query(walk);
    case Rule::kQueries:
      return walk_queries(walk);
    case Rule::kAny:
      return walk.skip();
    case Rule::kFalse:
      return walk_false(walk, key.code);
    case Rule::kDenied:
      return walk.fail(key.code, key.name);
    case Rule::kCustom:
      return key.walk(walk);
  }
  return walk.fail(DenyCode::kUndecided);
}

bool walk_members(Walk& walk, std::span<const Key> keys, DenyCode unknown) {
  return walk.object([&](const Name& name) {
    const Key* key = find_key(keys, name);
    return key == nullptr ? walk.fail(unknown, name) : walk_value(walk, *key);
  });
}

bool is_open_field(std::string_view name) {
  // An empty name is no field, but with a `quote_field_suffix` behind it it could become any.
  return !name.empty() && (name.front() != '_' || name == "_id" || name == "_index");
}

bool is_open_field_pattern(std::string_view pattern) {
  std::size_t star = pattern.find_first_of("*?");
  if (star == std::string_view::npos) return is_open_field(pattern);
  if (pattern == "*") return true;
  // Metadata fields begin with `_` and hold no dot: a pattern is open when its first byte excludes
  // the former, or a literal dot the latter.
  if (star > 0) return pattern.front() != '_';
  return pattern.find('.') != std::string_view::npos;
}

bool check_scores(Walk& walk) {
  return walk.sight.profile == Profile::kRelevance ? true : walk.fail(DenyCode::kSearchScores);
}

bool check_field(Walk& walk, std::string_view name) {
  return is_open_field(name) ? true : walk.fail(DenyCode::kFieldDenied, name);
}

bool check_field_pattern(Walk& walk, std::string_view pattern) {
  pattern = pattern.substr(0, pattern.find('^'));
  if (is_open_field_pattern(pattern)) return true;
  bool plain = pattern.find_first_of("*?") == std::string_view::npos;
  return walk.fail(plain ? DenyCode::kFieldDenied : DenyCode::kFieldPattern, pattern);
}

}  // namespace weir
