#include "dsl/section/hits.h"

#include "dsl/script.h"

namespace weir {
namespace {

constexpr Key kHits[] = {
    {"_source", Rule::kAny},  // only ever leaves parts of a visible document out
    custom("stored_fields", walk_stored_fields),
    custom("docvalue_fields", walk_docvalue_fields),
    custom("fields", walk_source_fields),
    custom("script_fields", walk_script_fields),
    custom("sort", walk_sort),
    custom("highlight", walk_highlight),
    {"version", Rule::kBool},
    {"track_scores", Rule::kBool},
    {"explain", Rule::kFalse, DenyCode::kBodyKeyDenied},
    {"seq_no_primary_term", Rule::kFalse, DenyCode::kBodyKeyDenied},
};

constexpr Key kInner[] = {
    {"name", Rule::kString},
    {"ignore_unmapped", Rule::kBool},
    custom("from", walk_hit_count),
    custom("size", walk_hit_count),
    denied("collapse", DenyCode::kBodyKeyDenied),
};

// Every field's doc values include the counters; the pattern `*` reaches them there.
bool walk_value_field(Walk& walk) {
  std::string_view name;
  if (!walk.string(name)) return false;
  if (name == "*") return walk.fail(DenyCode::kFieldPattern, name);
  return check_field_pattern(walk, name);
}

constexpr Key kValueFormat[] = {custom("field", walk_value_field), {"format", Rule::kString}};

// `fields` reads the source, which has no counters.
bool walk_source_field(Walk& walk) {
  std::string_view name;
  return walk.string(name) && check_field_pattern(walk, name);
}

constexpr Key kSourceFormat[] = {custom("field", walk_source_field), {"format", Rule::kString}};

constexpr Key kScriptField[] = {custom("script", walk_value_script),
                                {"ignore_failure", Rule::kBool}};

bool walk_formats(Walk& walk, std::span<const Key> keys) {
  return walk.array([&](std::uint32_t) {
    if (walk.json.type() == JsonType::kObject) {
      return walk_members(walk, keys, DenyCode::kBodyKeyUnknown);
    }
    return keys.front().walk(walk);
  });
}

}  // namespace

bool walk_hit_count(Walk& walk) {
  std::uint64_t count = 0;
  if (!walk.integer(count)) return false;
  return count <= walk.limits.max_result_window ? true : walk.fail(DenyCode::kSearchWindow);
}

const Key* find_hits_key(const Name& name) { return find_row<kHits>(name); }

bool walk_inner_hits(Walk& walk) {
  std::size_t highlights = walk.highlights.size();
  if (!walk_joined_hits(walk)) return false;
  walk.highlights.resize(highlights);
  return true;
}

bool walk_joined_hits(Walk& walk) {
  walk.query_inner_hits = true;
  return walk.object([&](const Name& name) {
    const Key* key = find_key(kInner, name);
    if (key == nullptr) key = find_hits_key(name);
    return key == nullptr ? walk.fail(DenyCode::kBodyKeyUnknown, name) : walk_value(walk, *key);
  });
}

bool walk_docvalue_fields(Walk& walk) { return walk_formats(walk, kValueFormat); }

bool walk_source_fields(Walk& walk) { return walk_formats(walk, kSourceFormat); }

bool is_stored_metadata(std::string_view name) {
  // The last two come with every hit that has them, asked for or not.
  return name == "_none_" || name == "_source" || name == "_routing" || name == "_ignored";
}

bool walk_stored_fields(Walk& walk) {
  auto one = [&] {
    std::string_view name;
    if (!walk.string(name)) return false;
    return is_stored_metadata(name) ? true : check_field_pattern(walk, name);
  };
  if (walk.json.type() != JsonType::kArray) return one();
  return walk.array([&](std::uint32_t) { return one(); });
}

bool walk_script_fields(Walk& walk) {
  return walk.object([&](std::string_view) {
    return walk_members(walk, kScriptField, DenyCode::kBodyKeyUnknown);
  });
}

}  // namespace weir
