// query_string: Lucene's syntax in one string. Its text is checked by query_text.h; its rewrites
// are fixed as in fuzzy, because `~` in the text is a fuzzy query.
#include <algorithm>

#include "dsl/query/query_text.h"
#include "dsl/query/types.h"

namespace weir {
namespace {

// Whether the text is a regular expression that is too long, whatever is in it: OpenSearch refuses
// it.
bool is_long_regexp(std::string_view text, const Limits& limits) {
  if (!text.starts_with('/')) return false;
  std::size_t end = 1;
  while (end < text.size() && text[end] != '/') end += text[end] == '\\' ? 2 : 1;
  return end < text.size() && end - 1 > limits.max_regexp_bytes;
}

bool walk_text(Walk& walk) {
  std::string_view text;
  std::string_view offending;
  if (!walk_bounded_text(walk, text)) return false;
  if (check_query_text(text, offending)) return true;
  return walk.fail(
      is_long_regexp(text, walk.limits) ? DenyCode::kBodyValue : DenyCode::kQuerySyntax, offending);
}

// `phrase_prefix` and `bool_prefix` would expand a prefix to the first terms of everybody's
// dictionary, with no knob to take them all.
bool walk_type(Walk& walk) {
  constexpr std::string_view kTypes[] = {"best_fields", "most_fields", "cross_fields", "phrase"};
  std::string_view type;
  if (!walk.string(type)) return false;
  bool open = std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
  return open ? true : walk.fail(DenyCode::kQueryKnob, type);
}

constexpr Key kKeys[] = {
    custom("query", walk_text),
    {"default_field", Rule::kFieldPatterns},
    {"fields", Rule::kFieldPatterns},
    custom("type", walk_type),
    {"default_operator", Rule::kString},
    {"analyzer", Rule::kString},
    {"quote_analyzer", Rule::kString},
    custom("quote_field_suffix", walk_field_suffix),
    {"analyze_wildcard", Rule::kBool},
    {"allow_leading_wildcard", Rule::kBool},
    {"lenient", Rule::kBool},
    {"escape", Rule::kBool},
    {"phrase_slop", Rule::kInteger},
    {"time_zone", Rule::kString},
    {"tie_breaker", Rule::kNumber},
    {"minimum_should_match", Rule::kScalar},
    {"fuzziness", Rule::kScalar},
    {"fuzzy_prefix_length", Rule::kInteger},
    {"fuzzy_transpositions", Rule::kBool},
    custom("fuzzy_rewrite", walk_rewrite),
    denied("fuzzy_max_expansions", DenyCode::kQueryKnob),
    denied("rewrite", DenyCode::kQueryKnob),
    custom("max_determinized_states", walk_max_states),
    {"enable_position_increments", Rule::kBool},
    {"auto_generate_synonyms_phrase_query", Rule::kBool},
    kBoost,
    kName,
};

constexpr Forced kRewrite{kFuzzyRewrite.key, kFuzzyRewrite.member};

}  // namespace

bool walk_query_string(Walk& walk) { return walk_query_members(walk, kKeys, kRewrite); }

}  // namespace weir
