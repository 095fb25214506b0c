// match and match_bool_prefix: full text against one field. In filter context its score does not
// count; what has to be fixed is fuzziness, whose default expands to the first terms of everybody's
// dictionary.
#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr Key kMatch[] = {
    {"query", Rule::kScalar},
    {"operator", Rule::kString},
    {"analyzer", Rule::kString},
    {"minimum_should_match", Rule::kScalar},
    {"fuzziness", Rule::kScalar},
    {"prefix_length", Rule::kInteger},
    {"fuzzy_transpositions", Rule::kBool},
    {"lenient", Rule::kBool},
    {"zero_terms_query", Rule::kString},
    {"auto_generate_synonyms_phrase_query", Rule::kBool},
    {"max_expansions", Rule::kInteger},
    custom("fuzzy_rewrite", walk_rewrite),
    denied("cutoff_frequency", DenyCode::kQueryKnob),
    kBoost,
    kName,
};

// Its last word is a prefix, which is never cut to a number of terms.
constexpr Key kBoolPrefix[] = {
    {"query", Rule::kScalar},
    {"operator", Rule::kString},
    {"analyzer", Rule::kString},
    {"minimum_should_match", Rule::kScalar},
    {"fuzziness", Rule::kScalar},
    {"prefix_length", Rule::kInteger},
    {"fuzzy_transpositions", Rule::kBool},
    {"max_expansions", Rule::kInteger},
    custom("fuzzy_rewrite", walk_rewrite),
    kBoost,
    kName,
};

}  // namespace

bool walk_match(Walk& walk) {
  return walk_field_query(walk,
                          [](Walk& w) { return walk_query_members(w, kMatch, kFuzzyRewrite); });
}

bool walk_match_bool_prefix(Walk& walk) {
  return walk_field_query(
      walk, [](Walk& w) { return walk_query_members(w, kBoolPrefix, kFuzzyRewrite); });
}

}  // namespace weir
