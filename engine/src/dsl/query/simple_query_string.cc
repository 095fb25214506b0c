// simple_query_string: a forgiving syntax without field names. Its `~` (fuzzy terms, slop) has no
// knob that takes every term, so those operators are switched off; a text that relies on them is
// refused rather than answered otherwise.
#include <algorithm>
#include <cctype>

#include "dsl/query/query_text.h"
#include "dsl/query/types.h"

namespace weir {
namespace {

constexpr std::string_view kOpenFlags[] = {"AND",        "NONE",   "NOT",    "OR",        "PHRASE",
                                           "PRECEDENCE", "ESCAPE", "PREFIX", "WHITESPACE"};
constexpr Forced kFlags{"flags",
                        R"("flags":"AND|OR|NOT|PREFIX|PHRASE|PRECEDENCE|ESCAPE|WHITESPACE")"};

bool is_open_flag(std::string_view flag) {
  return std::any_of(std::begin(kOpenFlags), std::end(kOpenFlags), [&](std::string_view open) {
    return std::equal(flag.begin(), flag.end(), open.begin(), open.end(), [](char a, char b) {
      return std::toupper(static_cast<unsigned char>(a)) == b;
    });
  });
}

// Names joined by `|`. An empty text would mean all of them.
bool walk_flags(Walk& walk) {
  if (walk.json.type() == JsonType::kNumber) return walk.fail(DenyCode::kQueryKnob);
  std::string_view flags;
  if (!walk.string(flags)) return false;
  while (true) {
    std::size_t bar = flags.find('|');
    std::string_view flag = flags.substr(0, bar);
    if (!is_open_flag(flag)) return walk.fail(DenyCode::kQueryKnob, flag);
    if (bar == std::string_view::npos) return true;
    flags.remove_prefix(bar + 1);
  }
}

constexpr Key kKeys[] = {
    {"fields", Rule::kFieldPatterns},
    custom("flags", walk_flags),
    {"default_operator", Rule::kString},
    {"analyzer", Rule::kString},
    {"analyze_wildcard", Rule::kBool},
    {"lenient", Rule::kBool},
    {"minimum_should_match", Rule::kScalar},
    custom("quote_field_suffix", walk_field_suffix),
    {"auto_generate_synonyms_phrase_query", Rule::kBool},
    denied("fuzzy_prefix_length", DenyCode::kQueryKnob),
    denied("fuzzy_max_expansions", DenyCode::kQueryKnob),
    denied("fuzzy_transpositions", DenyCode::kQueryKnob),
    kBoost,
    kName,
};

}  // namespace

bool walk_simple_query_string(Walk& walk) {
  std::size_t inside = walk.here() + 1;
  std::string_view text;
  bool empty = true;
  bool has_flags = false;
  bool walked = walk.object([&](const Name& name) {
    empty = false;
    has_flags = has_flags || name == kFlags.key;
    if (name == "query") return walk_bounded_text(walk, text);
    const Key* key = find_key(kKeys, name);
    return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name) : walk_value(walk, *key);
  });
  if (!walked) return false;
  if (has_flags) return true;
  if (text.find('~') != std::string_view::npos) {
    return walk.fail_at_key("query", DenyCode::kQuerySyntax, "~");
  }
  walk.edits.insert(inside, kFlags.member);
  if (!empty) walk.edits.insert(inside, ",");
  return true;
}

}  // namespace weir
