// function_score, script_score, distance_feature and rank_feature: queries that say how much a
// match is worth. Where scores are level only the match counts; what would let the score decide
// (`min_score`) is refused. Nothing is left out of a function_score, because names stand in its
// filters; a script_score has nothing else but its query, and its script is not sent. Only where
// text is marked up it stays one, around another script: OpenSearch does not look for phrases and
// spans in it, and marks their terms by themselves.
#include "dsl/geo.h"
#include "dsl/query/types.h"

namespace weir {
namespace {

// Without a field the numbers are drawn from the places of all documents.
bool walk_random(Walk& walk) {
  constexpr Key kKeys[] = {{"seed", Rule::kScalar}, {"field", Rule::kField}, kName};
  bool has_field = false;
  bool walked = walk.object([&](const Name& name) {
    has_field = has_field || name == "field";
    const Key* key = find_key(kKeys, name);
    return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name) : walk_value(walk, *key);
  });
  if (!walked) return false;
  return has_field || is_level(walk) ? true : walk.fail(DenyCode::kQueryKnob);
}

bool walk_value_factor(Walk& walk) {
  constexpr Key kKeys[] = {
      {"field", Rule::kField},
      {"factor", Rule::kNumber},
      {"modifier", Rule::kString},
      {"missing", Rule::kNumber},
      kName,
  };
  return walk_query_members(walk, kKeys);
}

// A date, a number or a place.
bool walk_origin(Walk& walk) {
  JsonType type = walk.json.type();
  if (type != JsonType::kObject && type != JsonType::kArray) return walk.scalar();
  return walk_geo_point(walk);
}

bool walk_decay(Walk& walk) {
  constexpr Key kKeys[] = {
      custom("origin", walk_origin),
      {"scale", Rule::kScalar},
      {"offset", Rule::kScalar},
      {"decay", Rule::kNumber},
  };
  constexpr Key kOptions[] = {{"multi_value_mode", Rule::kString}, kName};
  std::uint32_t fields = 0;
  bool walked = walk.object([&](const Name& name) {
    if (const Key* key = find_key(kOptions, name)) return walk_value(walk, *key);
    if (++fields > 1) return walk.fail(DenyCode::kQueryKeyUnknown, name);
    return check_field(walk, name) && walk_query_members(walk, kKeys);
  });
  if (!walked) return false;
  return fields == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

constexpr Key kFunctionKeys[] = {
    {"weight", Rule::kNumber},
    custom("random_score", walk_random),
    custom("field_value_factor", walk_value_factor),
    custom("gauss", walk_decay),
    custom("linear", walk_decay),
    custom("exp", walk_decay),
    denied("script_score", DenyCode::kScriptDenied),
};

bool walk_functions(Walk& walk) {
  constexpr Key kOptions[] = {{"filter", Rule::kQuery}, kName};
  return walk.array([&](std::uint32_t) {
    return walk.object([&](const Name& name) {
      const Key* key = find_key(kOptions, name);
      if (key == nullptr) key = find_key(kFunctionKeys, name);
      return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name) : walk_value(walk, *key);
    });
  });
}

constexpr Key kFunctionScore[] = {
    {"query", Rule::kQuery},
    custom("functions", walk_functions),
    {"score_mode", Rule::kString},
    {"boost_mode", Rule::kString},
    {"max_boost", Rule::kNumber},
    denied("min_score", DenyCode::kQueryKnob),
    kBoost,
    kName,
};

// Members that a rewritten query keeps, as they stand: `,"name":value` each.
class Kept {
 public:
  bool walk_member(Walk& walk, const Key& key) {
    std::size_t value = walk.here();
    if (!walk_value(walk, key)) return false;
    std::string_view text = walk.json.text().substr(value, walk.here() - value);
    text_ = walk.arena.concat({text_, R"(,")", key.name, R"(":)", text});
    return true;
  }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

constexpr Key kDistanceKept[] = {{"field", Rule::kField}, kBoost, kName};
constexpr Key kDistanceDropped[] = {custom("origin", walk_origin), {"pivot", Rule::kScalar}};

// Left to itself `saturation` takes its pivot from everybody's values.
constexpr Forced kPivot{"pivot", R"("pivot":1)"};
constexpr std::string_view kSaturation = R"("saturation":{"pivot":1})";

bool walk_saturation(Walk& walk) {
  constexpr Key kKeys[] = {{"pivot", Rule::kNumber}};
  return is_level(walk) ? walk_query_members(walk, kKeys, kPivot) : walk_query_members(walk, kKeys);
}

bool walk_log(Walk& walk) {
  constexpr Key kKeys[] = {{"scaling_factor", Rule::kNumber}};
  return walk_query_members(walk, kKeys);
}

bool walk_sigmoid(Walk& walk) {
  constexpr Key kKeys[] = {{"pivot", Rule::kNumber}, {"exponent", Rule::kNumber}};
  return walk_query_members(walk, kKeys);
}

bool walk_linear(Walk& walk) { return walk_query_members(walk, {}); }

constexpr Key kRankFunctions[] = {
    custom("saturation", walk_saturation),
    custom("log", walk_log),
    custom("sigmoid", walk_sigmoid),
    custom("linear", walk_linear),
};
constexpr Key kRankFeature[] = {{"field", Rule::kField}, kBoost, kName};

}  // namespace

bool walk_rank_feature(Walk& walk) {
  std::size_t inside = walk.here() + 1;
  bool empty = true;
  bool has_function = false;
  bool walked = walk.object([&](const Name& name) {
    empty = false;
    if (const Key* key = find_key(kRankFeature, name)) return walk_value(walk, *key);
    has_function = true;
    const Key* key = find_key(kRankFunctions, name);
    return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name) : walk_value(walk, *key);
  });
  if (!walked) return false;
  if (!has_function && is_level(walk)) {
    walk.edits.insert(inside, kSaturation);
    if (!empty) walk.edits.insert(inside, ",");
  }
  return true;
}

// Every document that has the field matches. A distance_feature asks for its doc values, and fails
// on a field without them where some document, hidden or not, has it; `exists` does not.
bool walk_distance_feature(Walk& walk) {
  std::size_t begin = walk.query_inside;
  Kept kept;
  bool has_field = false;
  bool walked = walk.object([&](const Name& name) {
    if (const Key* key = find_key(kDistanceDropped, name)) return walk_value(walk, *key);
    const Key* key = find_key(kDistanceKept, name);
    if (key == nullptr) return walk.fail(DenyCode::kQueryKeyUnknown, name);
    has_field = has_field || name == "field";
    return kept.walk_member(walk, *key);
  });
  if (!walked) return false;
  if (!has_field) return walk.fail(DenyCode::kQueryShape);
  if (!is_level(walk)) return true;
  walk.edits.replace(begin, walk.here() - begin,
                     walk.arena.concat({R"("exists":{)", kept.text().substr(1), "}"}));
  return true;
}

constexpr std::string_view kMarkedOpen = R"("script_score":{"query":)";
constexpr std::string_view kMarkedScript = R"(,"script":{"source":"1","lang":"painless"}})";

// `{"script_score": {"query": Q, "script": …}}` becomes `{"constant_score": {"filter": Q}}`.
bool walk_script_score(Walk& walk) {
  constexpr Key kOptions[] = {denied("min_score", DenyCode::kQueryKnob), kBoost, kName};
  constexpr Key kScript[] = {
      {"source", Rule::kString}, {"id", Rule::kString},   {"lang", Rule::kString},
      {"params", Rule::kAny},    {"options", Rule::kAny},
  };
  if (!is_level(walk)) return walk.fail(DenyCode::kScriptDenied);
  std::size_t begin = walk.query_inside;
  Range query;
  Kept kept;
  bool walked = walk.object([&](const Name& name) {
    std::size_t value = walk.here();
    if (name == "script") return walk_query_members(walk, kScript);
    if (name == "query") {
      if (!walk_query(walk)) return false;
      query = {value, walk.here()};
      return true;
    }
    const Key* key = find_key(kOptions, name);
    if (key == nullptr) return walk.fail(DenyCode::kQueryKeyUnknown, name);
    return kept.walk_member(walk, *key);
  });
  if (!walked) return false;
  if (query.size() == 0) return walk.fail(DenyCode::kQueryShape);
  std::string_view open = walk.in_highlight ? kMarkedOpen : R"("constant_score":{"filter":)";
  std::string_view marked = walk.arena.concat({kept.text(), kMarkedScript});
  std::string_view close = walk.in_highlight ? marked : walk.arena.concat({kept.text(), "}"});
  walk.edits.replace(begin, query.begin - begin, open, kMarkedOpen);
  walk.edits.replace(query.end, walk.here() - query.end, close, marked);
  return true;
}

bool walk_function_score(Walk& walk) {
  return walk.object([&](const Name& name) {
    const Key* key = find_key(kFunctionScore, name);
    if (key == nullptr) key = find_key(kFunctionKeys, name);
    return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name) : walk_value(walk, *key);
  });
}

}  // namespace weir
