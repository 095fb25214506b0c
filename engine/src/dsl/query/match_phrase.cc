// match_phrase, and match_phrase_prefix: its last word stands for the first 50 terms with that
// prefix in everybody's dictionary, unless it is told to take them all.
#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr Key kPhrase[] = {
    {"query", Rule::kScalar},
    {"analyzer", Rule::kString},
    {"slop", Rule::kInteger},
    {"zero_terms_query", Rule::kString},
    kBoost,
    kName,
};

constexpr Key kPhrasePrefix[] = {
    {"query", Rule::kScalar},
    {"analyzer", Rule::kString},
    {"slop", Rule::kInteger},
    {"zero_terms_query", Rule::kString},
    denied("max_expansions", DenyCode::kQueryKnob),
    kBoost,
    kName,
};

}  // namespace

bool walk_match_phrase(Walk& walk) { return walk_field_query(walk, kPhrase); }

bool walk_match_phrase_prefix(Walk& walk) {
  return walk_field_query(walk, kPhrasePrefix, "query", kAllExpansions);
}

}  // namespace weir
