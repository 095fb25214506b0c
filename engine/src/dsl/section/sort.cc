// sort: the order of hits, and the values that come back with them.
#include "dsl/geo.h"
#include "dsl/query/query.h"
#include "dsl/script.h"
#include "dsl/section/hits.h"
#include "json/text.h"

namespace weir {
namespace {

// Keys that order nothing, for the place of `_doc`: the score where it is level, else a field that
// cannot exist: OpenSearch takes no field with an empty part in its name.
constexpr std::string_view kLevelScore = R"("_score")";
constexpr std::string_view kNoField = R"({"weir..none":{"unmapped_type":"long"}})";

std::string_view level_key(Profile profile) {
  return profile == Profile::kSealed ? kLevelScore : kNoField;
}

bool walk_nested(Walk& walk);

bool walk_order(Walk& walk) {
  std::string_view order;
  if (!walk.string(order)) return false;
  return order == "asc" || order == "desc" ? true : walk.fail(DenyCode::kSortShape, order);
}

constexpr Key kNested[] = {
    {"path", Rule::kString},
    {"filter", Rule::kQuery},
    {"max_children", Rule::kInteger},
    custom("nested", walk_nested),
};

bool walk_nested(Walk& walk) {
  walk.nested_sort = true;
  return walk_members(walk, kNested, DenyCode::kSortShape);
}

constexpr Key kOptions[] = {
    custom("order", walk_order),
    {"missing", Rule::kScalar},
    {"mode", Rule::kString},
    {"unmapped_type", Rule::kString},
    {"numeric_type", Rule::kString},
    custom("nested", walk_nested),
    denied("nested_path", DenyCode::kSortDenied),
    denied("nested_filter", DenyCode::kSortDenied),
};

// Beside these a geo sort has one key more: the field, with its point or points.
constexpr Key kGeoOptions[] = {
    custom("order", walk_order),
    {"unit", Rule::kString},
    {"distance_type", Rule::kString},
    {"mode", Rule::kString},
    {"validation_method", Rule::kString},
    {"ignore_unmapped", Rule::kBool},
    custom("nested", walk_nested),
    denied("nested_path", DenyCode::kSortDenied),
    denied("nested_filter", DenyCode::kSortDenied),
    denied("sort_mode", DenyCode::kSortDenied),
};

constexpr Key kScriptOptions[] = {
    custom("script", walk_value_script),
    {"type", Rule::kString},
    custom("order", walk_order),
    {"mode", Rule::kString},
    custom("nested", walk_nested),
    denied("nested_path", DenyCode::kSortDenied),
    denied("nested_filter", DenyCode::kSortDenied),
};

bool walk_geo_distance(Walk& walk) {
  std::uint32_t fields = 0;
  bool walked = walk.object([&](const Name& name) {
    if (const Key* key = find_key(kGeoOptions, name)) return walk_value(walk, *key);
    if (++fields > 1) return walk.fail(DenyCode::kSortShape, name);
    return check_field(walk, name) && walk_geo_points(walk);
  });
  if (!walked) return false;
  return fields == 1 ? true : walk.fail(DenyCode::kSortShape);
}

bool walk_direction_or_options(Walk& walk) {
  return walk.json.type() == JsonType::kString ? walk_order(walk)
                                               : walk_members(walk, kOptions, DenyCode::kSortShape);
}

bool walk_special(Walk& walk, std::string_view name, bool& level) {
  if (name == "_score") return walk_direction_or_options(walk);
  if (name == "_geo_distance") return walk_geo_distance(walk);
  if (name == "_script") return walk_members(walk, kScriptOptions, DenyCode::kSortShape);
  if (name != "_doc") return walk.fail(DenyCode::kSortDenied, name);
  level = true;
  return walk_direction_or_options(walk);
}

// Puts a level key in the place of `_doc`, whose values are Lucene's numbers of all documents.
void replace_doc(Walk& walk, std::size_t begin) {
  walk.doc_sort = true;
  walk.edits.replace(begin, walk.here() - begin, level_key(walk.sight.profile));
}

bool is_special(std::string_view name) { return name.starts_with('_') && !is_open_field(name); }

bool walk_sort_object(Walk& walk) {
  std::size_t begin = walk.here();
  std::uint32_t members = 0;
  bool level = false;
  bool walked = walk.object([&](std::string_view name) {
    ++members;
    return is_special(name) ? walk_special(walk, name, level) : walk_direction_or_options(walk);
  });
  if (!walked) return false;
  if (!level) return true;
  if (members > 1) return walk.fail(DenyCode::kSortShape, "_doc");
  replace_doc(walk, begin);
  return true;
}

bool walk_sort_item(Walk& walk) {
  if (walk.json.type() == JsonType::kObject) return walk_sort_object(walk);
  std::size_t begin = walk.here();
  std::string_view name;
  if (!walk.string(name)) return false;
  if (name == "_doc") {
    replace_doc(walk, begin);
    return true;
  }
  if (name == "_score" || !is_special(name)) return true;
  return walk.fail(DenyCode::kSortDenied, name);
}

}  // namespace

bool walk_sort(Walk& walk) {
  if (walk.json.type() != JsonType::kArray) return walk_sort_item(walk);
  return walk.array([&](std::uint32_t) { return walk_sort_item(walk); });
}

std::string_view sort_from_parameter(std::string_view value, Profile profile, Arena& arena,
                                     DenyCode& why) {
  std::size_t colon = value.rfind(':');
  std::string_view field = value.substr(0, colon);
  std::string_view order = colon == std::string_view::npos ? "" : value.substr(colon + 1);
  if (field.empty() || (colon != std::string_view::npos && order != "asc" && order != "desc")) {
    why = DenyCode::kSortShape;
    return {};
  }
  if (field == "_doc") return level_key(profile);
  if (is_special(field) && field != "_score") {
    why = DenyCode::kSortDenied;
    return {};
  }
  std::string_view name = json_string(field, arena);
  if (order.empty()) return name;
  return arena.concat({"{", name, R"(:")", order, R"("})"});
}

}  // namespace weir
