// more_like_this: documents with words of a text. Which of the words count, and how many of them
// have to be there, follows from how often they stand in everybody's documents; and words that
// nobody has are left out, which shows in the number of clauses. Only where every word counts alike
// and one suffices does nothing follow from it: then it is a match of the text, and is sent as one.
#include <algorithm>

#include "dsl/query/types.h"

namespace weir {
namespace {

// The parts of the rewritten query.
struct Likeness {
  std::string_view field;  // these as they stand in the request
  std::string_view options;
  std::string_view outer_options;
  ArenaVector<std::string_view> texts;
  std::uint64_t bytes = 0;
  std::uint64_t max_terms = 0;
  std::uint32_t ones = 0;  // how many of kOnes were given
};

// Their other values, and their defaults, choose words.
constexpr std::string_view kOnes[] = {"min_term_freq", "min_doc_freq", "minimum_should_match"};

bool is_one(std::string_view name) {
  return std::find(std::begin(kOnes), std::end(kOnes), name) != std::end(kOnes);
}

bool walk_like_text(Walk& walk, Likeness& like) {
  if (walk.json.type() == JsonType::kObject) return walk.fail(DenyCode::kQueryLookup);
  std::size_t begin = walk.here();
  std::string_view text;
  if (!walk.string(text)) return false;
  like.bytes += text.size();
  like.texts.push_back(text_between(walk, begin));
  return ++walk.clauses <= walk.limits.max_clauses ? true : walk.fail(DenyCode::kQueryTooMany);
}

bool walk_like(Walk& walk, Likeness& like) {
  if (walk.json.type() != JsonType::kArray) return walk_like_text(walk, like);
  return walk.array([&](std::uint32_t) { return walk_like_text(walk, like); });
}

bool walk_one(Walk& walk, Likeness& like) {
  std::uint64_t value = 0;
  std::string_view text;
  bool is_text = walk.json.type() == JsonType::kString;
  if (is_text ? !walk.string(text) : !walk.integer(value)) return false;
  ++like.ones;
  return value == 1 || text == "1" ? true : walk.fail(DenyCode::kQueryMoreLikeThis);
}

bool walk_only_field(Walk& walk, Likeness& like) {
  return walk.array([&](std::uint32_t i) {
    if (i > 0) return walk.fail(DenyCode::kQueryMoreLikeThis);
    std::size_t begin = walk.here();
    std::string_view name;
    if (!walk.string(name) || !check_field(walk, name)) return false;
    like.field = text_between(walk, begin);
    bool plain = name.find_first_of("*?^") == std::string_view::npos;
    return plain ? true : walk.fail(DenyCode::kQueryMoreLikeThis, name);
  });
}

bool walk_like_member(Walk& walk, const Name& name, Likeness& like) {
  constexpr Key kAnalyzer{"analyzer", Rule::kString};
  constexpr Key kOuter[] = {kBoost, kName};
  // What it says of scores, and what a match does anyway.
  constexpr Key kDropped[] = {{"boost_terms", Rule::kNumber},
                              {"include", Rule::kBool},
                              {"fail_on_unsupported_field", Rule::kBool}};
  constexpr std::string_view kChoosing[] = {"unlike", "max_doc_freq", "min_word_length",
                                            "max_word_length", "stop_words"};
  if (name == "like") return walk_like(walk, like);
  if (name == "fields") return walk_only_field(walk, like);
  if (name == "max_query_terms") return walk.integer(like.max_terms);
  if (is_one(name)) return walk_one(walk, like);
  if (name == kAnalyzer.name) return walk_kept(walk, kAnalyzer, like.options);
  if (const Key* key = find_key(kOuter, name)) {
    return walk_kept(walk, *key, like.outer_options);
  }
  if (const Key* key = find_key(kDropped, name)) return walk_value(walk, *key);
  bool chooses = std::find(std::begin(kChoosing), std::end(kChoosing), name.text) != std::end(kChoosing);
  return walk.fail(chooses ? DenyCode::kQueryMoreLikeThis : DenyCode::kQueryKeyUnknown, name);
}

// `{"bool":{"should":[{"match":{FIELD:{"query":TEXT,options}}}, …], outer options}}`
void insert_matches(Walk& walk, std::size_t begin, const Likeness& like) {
  std::size_t end = walk.here();
  walk.edits.replace(begin, end - begin, R"("bool":{"should":[)");
  for (const std::string_view& text : like.texts) {
    walk.edits.insert(end,
                      walk.arena.concat({&text == &like.texts.front() ? "" : ",", R"({"match":{)",
                                         like.field, R"(:{"query":)", text, like.options, "}}}"}));
  }
  walk.edits.insert(end, walk.arena.concat({"]", like.outer_options, "}"}));
}

}  // namespace

bool walk_more_like_this(Walk& walk) {
  std::size_t begin = walk.query_inside;
  Likeness like{
      {}, {}, {}, ArenaVector<std::string_view>(ArenaAllocator<std::string_view>(walk.arena))};
  if (!is_level(walk)) return walk.fail(DenyCode::kQueryMoreLikeThis);
  bool walked =
      walk.object([&](std::string_view name) { return walk_like_member(walk, name, like); });
  if (!walked) return false;
  // A word takes a byte at least, so that so many are never cut.
  bool exact = like.ones == std::size(kOnes) && !like.field.empty() && !like.texts.empty() &&
               like.max_terms >= like.bytes;
  if (!exact) return walk.fail(DenyCode::kQueryMoreLikeThis);
  insert_matches(walk, begin, like);
  return true;
}

}  // namespace weir
