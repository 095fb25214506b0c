// The walk over one JSON body: forwards, once, every byte validated, every name decided.
//
// A rule table says which keys an object may have and what each value may be; what no table names
// is denied. While it walks, the rules record edits. The first failure ends the walk; its place is
// known as a JSON pointer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/name.h"
#include "json/cursor.h"
#include "json/edits.h"
#include "weir/limits.h"
#include "weir/policy.h"
#include "weir/verdict.h"

namespace weir {

/// What the rules have to know of the token whose request is walked. Views into the snapshot.
struct Sight {
  std::string_view filter;  // the token's filters as one query clause; empty if it has none
  std::string_view scope;   // the account's indices as one query clause
  Profile profile = Profile::kSealed;
  Scripts scripts = Scripts::kOff;
};

class Lookups;

/// Why a walk ended early.
struct Failure {
  DenyCode code = DenyCode::kUndecided;
  std::string_view path;    // JSON pointer
  std::string_view detail;  // the offending name, cut
};

/// A value's place in the text: from its first byte to the token after it.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
};

class Walk {
 public:
  /// REQUIRES: all references outlive the walk.
  Walk(Cursor cursor, const Limits& limits, const Sight& sight, Arena& arena, Edits& edits)
      : json(cursor),
        limits(limits),
        sight(sight),
        arena(arena),
        edits(edits),
        span_fields(ArenaAllocator<std::string_view>(arena)),
        highlights(ArenaAllocator<HighlightPlace>(arena)),
        turned_aggs(ArenaAllocator<std::string_view>(arena)),
        agg_paths(ArenaAllocator<std::string_view>(arena)),
        path_(ArenaAllocator<Step>(arena)),
        keys_(ArenaAllocator<SeenKey>(arena)),
        key_table_(ArenaAllocator<std::uint32_t>(arena)) {
    path_.reserve(kFirstDepth);
    keys_.reserve(kFirstDepth);
  }

  Cursor json;
  const Limits& limits;
  const Sight& sight;
  Arena& arena;
  Edits& edits;
  /// Fetches documents that queries name (dsl/lookup.h); null where none may be named.
  Lookups* lookups = nullptr;

  /// A query that holds for the visible documents: the token's filter and the scope. In the arena.
  std::string_view visible();

  // Behind the `{` of the query whose type is about to be walked: where its name begins.
  std::size_t query_inside = 0;

  // What the walk counts against the limits.
  std::uint32_t query_depth = 0;
  std::uint32_t agg_depth = 0;
  std::uint32_t clauses = 0;
  std::uint32_t aggs = 0;

  // Inside a span query: how deep, and the fields its terms are of.
  std::uint32_t span_depth = 0;
  ArenaVector<std::string_view> span_fields;

  // Sections that show marked-up text by the search's own query; each gets the client's query as
  // highlight_query (the offset just behind its `{`, and whether members follow). Else the injected
  // filter itself would be marked up.
  struct HighlightPlace {
    std::size_t offset = 0;
    bool has_members = false;
  };
  ArenaVector<HighlightPlace> highlights;

  // What is walked is a `highlight_query`: it only marks up.
  bool in_highlight = false;

  // An aggregation with queries of its own was seen, in or below the one being walked.
  bool agg_queries = false;
  // An aggregation that compares with a background was seen in or below the one being walked;
  // behind a filter, where it may have buckets without documents.
  enum class Background : std::uint8_t { kNone, kSeen, kFiltered };
  Background agg_background = Background::kNone;
  // What is said of aggregations by name (dsl/agg/turned.h): those that were turned, the paths that
  // lead to some, and a name that would hide what has to be turned back in the answer.
  ArenaVector<std::string_view> turned_aggs;
  ArenaVector<std::string_view> agg_paths;
  std::string_view hiding_agg;
  // A sort by a nested field was seen: Lucene answers it by other paths in small segments, unless
  // totals are exact.
  bool nested_sort = false;
  // A query with inner hits was seen.
  bool query_inner_hits = false;
  // Searches for the other hits of each collapsed value: one for each `inner_hits` of `collapse`.
  std::uint32_t group_searches = 0;
  bool group_scores = false;  // one of them shows scores
  // A query was seen that may be on a `wildcard` field: in several threads it does not find
  // everything.
  bool loses_in_threads = false;
  // A rescorer was seen.
  bool rescores = false;
  // A percolate was seen: what it marks up is the document in it, by the stored query.
  bool percolates = false;
  // Scripts in queries, and what they do not stand beside (dsl/script.h).
  struct QueryScripts {
    static constexpr std::size_t kNoGate = static_cast<std::size_t>(-1);
    bool closed = false;         // none is open: a text inside of another, whose place is not seen
    bool guarded = false;        // the query being walked runs one
    std::size_t gate = kNoGate;  // the depth of the query around it that has to be gated
    bool in_query = false;       // there is one in the search's own query, to be gated as a whole
    bool gated = false;  // a gate stands around one, in which OpenSearch overlooks inner hits
    bool in_should = false;
    bool in_agg = false;
    bool beside_many_should = false;  // a `minimum_should_match` of more than one clause was seen
    bool beside_nested_agg = false;
  } query_scripts;
  // `_doc` was among the sort keys, and was replaced.
  bool doc_sort = false;

  bool failed() const { return failed_; }
  const Failure& failure() const { return failure_; }

  /// Records the first failure, at the current path or at a member `key` of it. Always false, for
  /// `return walk.fail(…)`.
  [[gnu::cold]] bool fail(DenyCode code, std::string_view detail = {});
  /// Fails because the value has the wrong type, or is none.
  [[gnu::cold]] bool fail_shape();
  [[gnu::cold]] bool fail_at_key(std::string_view key, DenyCode code, std::string_view detail = {});

  /// Walks an object: `member(key)` must consume the member's value. Duplicate keys fail.
  template <typename Member>
  bool object(Member&& member) {
    if (!enter('{')) return false;
    if (json.head() == '}') return leave();
    std::size_t keys_base = keys_.size();
    path_.push_back({});
    while (true) {
      Name key;
      if (!read_key(keys_base, key)) return false;
      path_.back() = {key.text.data(), static_cast<std::uint32_t>(key.text.size()), 0};
      if (!member(key)) return false;
      char next = json.head();
      if (next == '}') break;
      if (next != ',') return fail_around(DenyCode::kBodyMalformed);
      json.step();
    }
    path_.pop_back();
    return forget_keys(keys_base) && leave();
  }

  /// Walks an array: `element(i)` must consume the element.
  template <typename Element>
  bool array(Element&& element) {
    if (!enter('[')) return false;
    if (json.head() == ']') return leave();
    path_.push_back({});
    for (std::uint32_t i = 0;; ++i) {
      path_.back().index = i;
      if (!element(i)) return false;
      char next = json.head();
      if (next == ']') break;
      if (next != ',') return fail_around(DenyCode::kBodyMalformed);
      json.step();
      // A comma promises another element.
      if (json.head() == ']') return fail_around(DenyCode::kBodyMalformed);
    }
    path_.pop_back();
    return leave();
  }

  /// Validates the value under the cursor and steps over it.
  bool skip();

  /// Reads a number, true, false or null as it is written.
  bool literal(std::string_view& out) {
    auto lexeme = json.read_literal();
    if (!lexeme) return fail(DenyCode::kBodyMalformed);
    if (lexeme->size() > limits.max_number_bytes) return fail(DenyCode::kBodyNumber, *lexeme);
    out = *lexeme;
    return true;
  }
  /// Reads a string; fails with kBodyShape if the value is something else.
  bool string(std::string_view& out) {
    if (json.type() != JsonType::kString) return fail_shape();
    auto text = json.read_string(arena);
    if (!text) return fail(DenyCode::kBodyMalformed);
    out = *text;
    return true;
  }
  /// Reads true or false.
  bool boolean(bool& out);
  /// Reads a non-negative integer without sign, fraction or exponent.
  bool integer(std::uint64_t& out);
  /// Steps over a string, number, true or false (not null).
  bool scalar() {
    std::string_view lexeme;
    switch (json.type()) {
      case JsonType::kString:
        return json.skip_string() || fail(DenyCode::kBodyMalformed);
      case JsonType::kNumber:
      case JsonType::kTrue:
      case JsonType::kFalse:
        return literal(lexeme);
      case JsonType::kObject:
      case JsonType::kArray:
      case JsonType::kNull:
      case JsonType::kNone:
        break;
    }
    return fail_shape();
  }

  /// Nothing may follow the value.
  bool end();

  /// A walk over another text, which is to stand where the cursor is: it is bounded together with
  /// this one. REQUIRES: `edits`, which is its own, outlives it.
  Walk begin_inside(Cursor cursor, Edits& own_edits);
  /// Takes back what that walk counted; what it found is found at the current path. False if it
  /// failed.
  bool end_inside(const Walk& inside);
  /// The steps of the path to the value under the cursor: a key, or an element of an array (whose
  /// key is empty).
  std::size_t depth() const { return path_.size(); }
  std::string_view key_at(std::size_t step) const {
    return step < path_.size() ? path_[step].key() : std::string_view();
  }

  /// The offset of the value under the cursor.
  std::size_t here() const { return json.offset(); }

 private:
  struct Step {
    const char* data = nullptr;  // of a key; null in an array
    std::uint32_t size = 0;
    std::uint32_t index = 0;
    std::string_view key() const { return {data, size}; }
  };
  // A key of an open object. No longer than Limits::max_key_bytes.
  struct SeenKey {
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t print = 0;
    std::string_view text() const { return {data, size}; }
  };

  static constexpr std::size_t kFirstDepth = 32;
  // Up to here comparing every pair of keys is cheaper than a table of them (and says at once where
  // the second one stands).
  static constexpr std::size_t kFewKeys = 12;

  bool enter(char bracket) {
    if (json.head() != bracket) return fail_shape();
    if (depth_ == limits.max_json_depth) return fail(DenyCode::kBodyTooDeep);
    ++depth_;
    json.step();
    return true;
  }
  // Steps over the closing bracket.
  bool leave() {
    --depth_;
    json.step();
    return true;
  }

  // Reads a key and its colon. What fails here fails at the object, not at a member.
  bool read_key(std::size_t keys_base, Name& key) {
    auto text = json.read_string(arena);
    if (!text || json.head() != ':') return fail_around(DenyCode::kBodyMalformed);
    json.step();
    if (text->size() > limits.max_key_bytes) return fail_long_key(*text);
    key = Name(*text);
    std::span<const SeenKey> before = std::span<const SeenKey>(keys_).subspan(keys_base);
    if (before.size() < kFewKeys) {
      for (const SeenKey& seen : before) {
        if (seen.print == key.print && same_text(seen.text(), key.text)) return fail_duplicate(key.text);
      }
    }
    keys_.push_back({key.text.data(), static_cast<std::uint32_t>(key.text.size()), key.print});
    return true;
  }
  // The keys of an object that has been walked; fails if one of many stands there twice.
  bool forget_keys(std::size_t keys_base) {
    if (keys_.size() - keys_base > kFewKeys && !check_many_keys(keys_base)) return false;
    keys_.resize(keys_base);
    return true;
  }
  bool check_many_keys(std::size_t keys_base);

  // At the object or array itself, although the path stands at one of its members.
  [[gnu::cold]] bool fail_around(DenyCode code);
  [[gnu::cold]] bool fail_long_key(std::string_view key);
  [[gnu::cold]] bool fail_duplicate(std::string_view key);
  std::string_view pointer(const std::string_view* last_key);
  bool record(DenyCode code, std::string_view path, std::string_view detail);

  ArenaVector<Step> path_;
  ArenaVector<SeenKey> keys_;  // of the open objects, innermost last
  ArenaVector<std::uint32_t> key_table_;
  std::uint32_t depth_ = 0;
  std::string_view visible_;  // empty until asked for
  bool failed_ = false;
  Failure failure_;
};

/// `text` cut to what an error may show.
std::string_view printable_detail(std::string_view text);

}  // namespace weir
