// Span queries: terms at places of one field. They hold only each other; what stands where a span
// is needed is checked here, because OpenSearch answers anything else with an error of its own.
// span_multi is refused: it becomes the terms that match its pattern in everybody's dictionary, and
// fails when there are too many.
//
// On a field without positions (a keyword, an id) a span_term fails, but only in a shard that has
// the term: it would ask for the terms of hidden documents one by one. So an interval query that
// matches nothing stands beside the spans for each of their fields; it fails on such a field in
// every shard.
#include <algorithm>

#include "dsl/query/types.h"
#include "json/text.h"

namespace weir {
namespace {

// Places that are left open between the clauses of a span_near; no query in itself.
constexpr Name kGap = "span_gap";

bool is_span(const Name& type) {
  return type == "field_masking_span" || (type.text.starts_with("span_") && type != kGap);
}

bool is_span_or_gap(const Name& type) { return type == kGap || is_span(type); }

bool walk_below(Walk& walk, bool (*may_stand)(const Name&)) {
  ++walk.span_depth;
  bool walked = walk_query_of(walk, may_stand);
  --walk.span_depth;
  return walked;
}

bool walk_span(Walk& walk) { return walk_below(walk, is_span); }

bool walk_spans(Walk& walk) {
  return walk.array([&](std::uint32_t) { return walk_span(walk); });
}

bool walk_near_clauses(Walk& walk) {
  // The first clause says which field it is about.
  return walk.array(
      [&](std::uint32_t i) { return walk_below(walk, i == 0 ? is_span : is_span_or_gap); });
}

constexpr Key kTerm[] = {{"value", Rule::kScalar}, kBoost, kName};
constexpr Key kNear[] = {
    custom("clauses", walk_near_clauses),
    {"slop", Rule::kInteger},
    {"in_order", Rule::kBool},
    kBoost,
    kName,
};
constexpr Key kOr[] = {custom("clauses", walk_spans), kBoost, kName};
constexpr Key kFirst[] = {custom("match", walk_span), {"end", Rule::kInteger}, kBoost, kName};
constexpr Key kNot[] = {
    custom("include", walk_span),
    custom("exclude", walk_span),
    {"dist", Rule::kInteger},
    {"pre", Rule::kInteger},
    {"post", Rule::kInteger},
    kBoost,
    kName,
};
constexpr Key kPair[] = {custom("big", walk_span), custom("little", walk_span), kBoost, kName};
constexpr Key kMasking[] = {custom("query", walk_span), {"field", Rule::kField}, kBoost, kName};

// One field, its value consumed by `value`.
template <typename Value>
bool walk_field_of(Walk& walk, Value&& value) {
  std::uint32_t fields = 0;
  bool walked = walk.object([&](std::string_view field) {
    if (++fields > 1) return walk.fail(DenyCode::kQueryKeyUnknown, field);
    return check_field(walk, field) && value(field);
  });
  if (!walked) return false;
  return fields == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

// Puts the checks of the fields around the outermost span query.
void insert_checks(Walk& walk, std::size_t inside) {
  std::sort(walk.span_fields.begin(), walk.span_fields.end());
  auto last = std::unique(walk.span_fields.begin(), walk.span_fields.end());
  walk.edits.insert(inside, R"("bool":{"must":[{)");
  walk.edits.insert(walk.here(), R"(}],"should":[)");
  for (auto field = walk.span_fields.begin(); field != last; ++field) {
    std::string_view comma = field == walk.span_fields.begin() ? "" : ",";
    walk.edits.insert(
        walk.here(), walk.arena.concat({comma, R"({"intervals":{)", json_string(*field, walk.arena),
                                        R"(:{"match":{"query":""}}}})"}));
  }
  walk.edits.insert(walk.here(), "]}");
  walk.span_fields.clear();
}

bool checked(Walk& walk, std::size_t inside, bool walked) {
  if (walked && walk.span_depth == 0) insert_checks(walk, inside);
  return walked;
}

bool walk_spans_by(Walk& walk, std::span<const Key> keys) {
  std::size_t inside = walk.query_inside;
  return checked(walk, inside, walk_query_members(walk, keys));
}

}  // namespace

bool walk_span_containing(Walk& walk) { return walk_spans_by(walk, kPair); }

bool walk_span_field_masking(Walk& walk) { return walk_spans_by(walk, kMasking); }

bool walk_span_first(Walk& walk) { return walk_spans_by(walk, kFirst); }

bool walk_span_gap(Walk& walk) {
  return walk_field_of(walk, [&](std::string_view) {
    std::uint64_t width = 0;
    return walk.integer(width);
  });
}

bool walk_span_near(Walk& walk) { return walk_spans_by(walk, kNear); }

bool walk_span_not(Walk& walk) { return walk_spans_by(walk, kNot); }

bool walk_span_or(Walk& walk) { return walk_spans_by(walk, kOr); }

bool walk_span_term(Walk& walk) {
  std::size_t inside = walk.query_inside;
  bool walked = walk_field_of(walk, [&](std::string_view field) {
    walk.span_fields.push_back(field);
    if (walk.json.type() != JsonType::kObject) return walk.scalar();
    return walk_query_members(walk, kTerm);
  });
  return checked(walk, inside, walked);
}

}  // namespace weir
