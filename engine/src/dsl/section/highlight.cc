// highlight: which fields are marked up, and how. The query that marks up is always the client's
// own.
#include <utility>

#include "dsl/query/query.h"
#include "dsl/section/hits.h"

namespace weir {
namespace {

// `plain` looks into the queries as OpenSearch has rewritten them, and fails over ranges that the
// bounds of everybody's values did not simplify.
bool walk_type(Walk& walk) {
  std::string_view type;
  if (!walk.string(type)) return false;
  bool open = type == "unified" || (type == "plain" && walk.sight.profile == Profile::kRelevance);
  return open ? true : walk.fail(DenyCode::kHighlightType, type);
}

bool walk_marking_query(Walk& walk) {
  bool before = std::exchange(walk.in_highlight, true);
  bool walked = walk_query(walk);
  walk.in_highlight = before;
  return walked;
}

constexpr Key kOptions[] = {
    custom("type", walk_type),
    {"order", Rule::kString},
    {"encoder", Rule::kString},
    {"tags_schema", Rule::kString},
    {"pre_tags", Rule::kStrings},
    {"post_tags", Rule::kStrings},
    {"fragment_size", Rule::kInteger},
    {"number_of_fragments", Rule::kInteger},
    {"require_field_match", Rule::kBool},
    {"boundary_chars", Rule::kString},
    {"boundary_max_scan", Rule::kInteger},
    {"boundary_scanner", Rule::kString},
    {"boundary_scanner_locale", Rule::kString},
    {"fragmenter", Rule::kString},
    {"no_match_size", Rule::kInteger},
    {"force_source", Rule::kBool},
    {"phrase_limit", Rule::kInteger},
    {"highlight_filter", Rule::kBool},
    {"max_analyzer_offset", Rule::kInteger},
    custom("highlight_query", walk_marking_query),
    denied("options", DenyCode::kBodyKeyDenied),  // for highlighters of plugins
};

// Beside the options: what only a field takes.
constexpr Key kFieldOptions[] = {
    {"fragment_offset", Rule::kInteger},
    {"matched_fields", Rule::kFieldPatterns},
};

bool walk_field_options(Walk& walk) {
  return walk.object([&](const Name& name) {
    const Key* key = find_key(kFieldOptions, name);
    if (key == nullptr) key = find_key(kOptions, name);
    return key == nullptr ? walk.fail(DenyCode::kBodyKeyUnknown, name) : walk_value(walk, *key);
  });
}

bool walk_named_fields(Walk& walk) {
  return walk.object([&](std::string_view pattern) {
    return check_field_pattern(walk, pattern) && walk_field_options(walk);
  });
}

bool walk_fields(Walk& walk) {
  if (walk.json.type() != JsonType::kArray) return walk_named_fields(walk);
  return walk.array([&](std::uint32_t) { return walk_named_fields(walk); });
}

}  // namespace

bool walk_highlight(Walk& walk) {
  std::size_t inside = walk.here() + 1;
  bool has_query = false;
  bool has_members = false;
  bool walked = walk.object([&](const Name& name) {
    has_members = true;
    has_query = has_query || name == "highlight_query";
    if (name == "fields") return walk_fields(walk);
    const Key* key = find_key(kOptions, name);
    return key == nullptr ? walk.fail(DenyCode::kBodyKeyUnknown, name) : walk_value(walk, *key);
  });
  if (!walked) return false;
  if (!has_query) walk.highlights.push_back({inside, has_members});
  return true;
}

}  // namespace weir
