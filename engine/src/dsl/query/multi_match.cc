// multi_match: a match against several fields. Fuzziness and `phrase_prefix` are fixed as in match
// and match_phrase_prefix; which of them is meant is known only after the whole object.
#include <algorithm>

#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr std::string_view kCutoff = "cutoff_frequency";
constexpr std::string_view kTypes[] = {"best_fields", "most_fields", "cross_fields",
                                       "phrase",      "bool_prefix", "phrase_prefix"};

constexpr Key kKeys[] = {
    {"query", Rule::kScalar},
    {"fields", Rule::kFieldPatterns},
    {"operator", Rule::kString},
    {"analyzer", Rule::kString},
    {"minimum_should_match", Rule::kScalar},
    {"slop", Rule::kInteger},
    {"tie_breaker", Rule::kNumber},
    {"fuzziness", Rule::kScalar},
    {"prefix_length", Rule::kInteger},
    {"fuzzy_transpositions", Rule::kBool},
    {"lenient", Rule::kBool},
    {"zero_terms_query", Rule::kString},
    {"auto_generate_synonyms_phrase_query", Rule::kBool},
    {"max_expansions", Rule::kInteger},
    custom("fuzzy_rewrite", walk_rewrite),
    {"cutoff_frequency", Rule::kNumber},
    kBoost,
    kName,
};

bool walk_type(Walk& walk, std::string_view& type) {
  if (!walk.string(type)) return false;
  bool known = std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
  return known ? true : walk.fail(DenyCode::kBodyValue, type);
}

}  // namespace

bool walk_multi_match(Walk& walk) {
  std::size_t inside = walk.here() + 1;
  std::string_view type;
  bool fuzzy = false;
  bool has_rewrite = false;
  bool few = false;
  bool cut_off = false;
  bool walked = walk.object([&](const Name& name) {
    if (name == "type") return walk_type(walk, type);
    fuzzy = fuzzy || name == kFuzzyRewrite.beside;
    has_rewrite = has_rewrite || name == kFuzzyRewrite.key;
    few = few || name == kFuzzyRewrite.idle;
    cut_off = cut_off || name.text == kCutoff;
    const Key* key = find_key(kKeys, name);
    return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name) : walk_value(walk, *key);
  });
  if (!walked) return false;
  // How often a term occurs in everybody's documents; OpenSearch itself refuses it beside a prefix.
  if (cut_off) {
    return walk.fail_at_key(
        kCutoff, type == "bool_prefix" ? DenyCode::kBodyValue : DenyCode::kQueryKnob, kCutoff);
  }
  if (few && (!has_rewrite || type == "phrase_prefix")) {
    return walk.fail_at_key(kFuzzyRewrite.idle, DenyCode::kQueryKnob, kFuzzyRewrite.idle);
  }
  // Either member follows from one that stands in the object, so a comma has something behind it.
  if (fuzzy && !has_rewrite) {
    walk.edits.insert(inside, kFuzzyRewrite.member);
    walk.edits.insert(inside, ",");
  }
  if (type == "phrase_prefix") {
    walk.edits.insert(inside, kAllExpansions.member);
    walk.edits.insert(inside, ",");
  }
  return true;
}

}  // namespace weir
