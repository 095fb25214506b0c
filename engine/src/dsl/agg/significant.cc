// significant_terms and significant_text: terms that are more frequent among the documents of a
// bucket than in a background. Left alone the background is the whole index; here it is what is
// visible, or what the client's own background query finds of that.
#include <optional>

#include "dsl/agg/types.h"
#include "dsl/query/query.h"

namespace weir {
namespace {

constexpr Key kHeuristic[] = {{"include_negatives", Rule::kBool},
                              {"background_is_superset", Rule::kBool}};

bool walk_heuristic(Walk& walk) { return walk_agg_members(walk, kHeuristic); }

constexpr Key kSignificant[] = {
    custom("size", walk_bucket_count),
    custom("shard_size", walk_bucket_count),
    custom("min_doc_count", walk_min_doc_count),
    {"shard_min_doc_count", Rule::kInteger},
    custom("include", walk_term_choice),
    custom("exclude", walk_term_choice),
    custom("jlh", walk_heuristic),
    custom("gnd", walk_heuristic),
    custom("chi_square", walk_heuristic),
    custom("mutual_information", walk_heuristic),
    custom("percentage", walk_heuristic),
    denied("script_heuristic", DenyCode::kScriptDenied),
};

constexpr Key kTerms[] = {kFormat};
constexpr Key kText[] = {{"field", Rule::kField},
                         {"source_fields", Rule::kFieldPatterns},
                         {"filter_duplicate_text", Rule::kBool}};

bool walk_background(Walk& walk) {
  walk.edits.insert(walk.here(),
                    walk.arena.concat({R"({"bool":{"filter":[)", walk.visible(), ","}));
  if (!walk_query(walk)) return false;
  walk.edits.insert(walk.here(), "]}}");
  return true;
}

// By ordinals OpenSearch takes another way, with all documents as the background, where no document
// of a shard, hidden ones included, has the field.
constexpr std::string_view kByMap = R"("map")";

bool walk_hint(Walk& walk) {
  std::size_t begin = walk.here();
  std::string_view hint;
  if (!walk.string(hint)) return false;
  if (hint != "map" && hint != "global_ordinals") return walk.fail(DenyCode::kBodyValue, hint);
  walk.edits.replace(begin, walk.here() - begin, kByMap);
  return true;
}

// `more`: keys beside those both types take. `by_map`: the type takes an execution hint.
bool walk_significant(Walk& walk, std::span<const Key> more, std::span<const Key> yet_more,
                      bool by_map) {
  std::size_t inside = walk.here() + 1;
  bool field = false;
  bool background = false;
  bool hint = false;
  bool walked = walk.object([&](const Name& name) {
    field = field || name == "field";
    if (name == "background_filter") return background = true, walk_background(walk);
    if (by_map && name == "execution_hint") return hint = true, walk_hint(walk);
    for (std::span<const Key> keys : {std::span<const Key>(kSignificant), more, yet_more}) {
      if (const Key* key = find_key(keys, name)) return walk_value(walk, *key);
    }
    return walk.fail(DenyCode::kAggKeyUnknown, name);
  });
  if (!walked) return false;
  // OpenSearch wants one, too; and there are members for the comma to stand before.
  if (!field) return walk.fail(DenyCode::kAggShape, "field");
  walk.agg_background = Walk::Background::kSeen;
  if (!background) {
    walk.edits.insert(inside, walk.arena.concat({R"("background_filter":)", walk.visible(), ","}));
  }
  if (by_map && !hint) {
    walk.edits.insert(inside, walk.arena.concat({R"("execution_hint":)", kByMap, ","}));
  }
  return true;
}

}  // namespace

bool walk_significant_terms(Walk& walk) {
  return walk_significant(walk, kTerms, value_keys(), true);
}

bool walk_significant_text(Walk& walk) { return walk_significant(walk, kText, {}, false); }

}  // namespace weir
