#include "dsl/script.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dsl/rules.h"
#include "dsl/script_tokens.h"

namespace weir {
namespace {

using Kind = ScriptToken::Kind;

template <std::size_t kSize>
bool holds(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Values and what makes them: nothing here knows the time, the machine or another document.
constexpr auto kTypes = std::to_array<std::string_view>({"String",
                                                         "Math",
                                                         "Integer",
                                                         "Long",
                                                         "Double",
                                                         "Float",
                                                         "Boolean",
                                                         "Byte",
                                                         "Short",
                                                         "Character",
                                                         "Object",
                                                         "Number",
                                                         "CharSequence",
                                                         "StringBuilder",
                                                         "StringTokenizer",
                                                         "BigDecimal",
                                                         "BigInteger",
                                                         "RoundingMode",
                                                         "MathContext",
                                                         "List",
                                                         "ArrayList",
                                                         "LinkedList",
                                                         "Map",
                                                         "HashMap",
                                                         "LinkedHashMap",
                                                         "TreeMap",
                                                         "Set",
                                                         "HashSet",
                                                         "LinkedHashSet",
                                                         "TreeSet",
                                                         "Collection",
                                                         "Collections",
                                                         "Arrays",
                                                         "Iterator",
                                                         "Collectors",
                                                         "Optional",
                                                         "Objects",
                                                         "Comparator",
                                                         "ZonedDateTime",
                                                         "LocalDate",
                                                         "LocalTime",
                                                         "LocalDateTime",
                                                         "Instant",
                                                         "Duration",
                                                         "Period",
                                                         "DayOfWeek",
                                                         "Month",
                                                         "Year",
                                                         "ZoneId",
                                                         "ZoneOffset",
                                                         "ChronoUnit",
                                                         "ChronoField",
                                                         "DateTimeFormatter",
                                                         "Locale"});

constexpr auto kThrown = std::to_array<std::string_view>(
    {"Exception", "RuntimeException", "IllegalArgumentException", "ArithmeticException",
     "IllegalStateException", "NullPointerException"});

// Methods of those types that know the time, chance, or where an object lies.
constexpr auto kClosedMethods =
    std::to_array<std::string_view>({"now", "random", "randomUUID", "nanoTime", "shuffle",
                                     "currentTimeMillis", "identityHashCode", "getClass"});

// Variables of some scripts, and packages: what begins with `_` is refused by its first byte.
constexpr auto kClosedNames = std::to_array<std::string_view>(
    {"ctx", "state", "states", "emit", "java", "javax", "jdk", "org", "sun"});

// What may be asked of a parameter that is a list or an object.
constexpr auto kReads = std::to_array<std::string_view>(
    {"contains", "containsKey", "containsValue", "get", "getOrDefault", "size", "isEmpty",
     "indexOf", "any", "every", "join", "length"});

constexpr auto kExpressionFunctions = std::to_array<std::string_view>(
    {"abs",      "acos", "acosh", "asin",  "asinh", "atan",  "atan2", "atanh", "ceil",
     "cos",      "cosh", "exp",   "floor", "ln",    "log10", "logn",  "max",   "min",
     "haversin", "pow",  "sin",   "sinh",  "sqrt",  "tan",   "tanh"});

constexpr auto kAssignments = std::to_array<std::string_view>(
    {"=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "<<=", ">>=", ">>>=", "++", "--"});

bool is_type(std::string_view name) { return holds(kTypes, name) || holds(kThrown, name); }

// `doc` is a map of maps' names too: what leads out of the document is closed by name.
bool is_open_param(std::string_view name) {
  return name == "_source" || (!name.empty() && name.front() != '_' && name != "doc");
}

class Checker {
 public:
  Checker(std::span<const ScriptToken> tokens, ScriptLanguage language,
          std::span<const ScriptParam> params, Arena& arena)
      : tokens_(tokens),
        language_(language),
        params_(params),
        functions_(ArenaAllocator<std::string_view>(arena)) {}

  ScriptFault check() {
    for (std::size_t i = 0; i + 1 < tokens_.size() && !fault_; ++i) {
      if (at(i).kind == Kind::kName) check_name(i);
      if (at(i).kind == Kind::kMember) check_member(i);
      if (at(i).kind == Kind::kWord && (at(i).text == "this" || at(i).text == "super")) reach(i);
    }
    return fault_;
  }

 private:
  // The last token is kEnd.
  const ScriptToken& at(std::size_t i) const { return tokens_[std::min(i, tokens_.size() - 1)]; }
  bool sign(std::size_t i, std::string_view text) const { return at(i).is_sign(text); }
  bool behind(std::size_t i, std::string_view text) const { return i > 0 && sign(i - 1, text); }

  void fail(std::string_view detail) { fault_ = {DenyCode::kScriptReach, detail}; }
  void reach(std::size_t i) { fail(at(i).text); }

  void check_name(std::size_t i) {
    std::string_view name = at(i).text;
    if (name == "doc") return check_doc(i);
    if (name == "params") return check_params(i);
    if (behind(i, "::")) return check_method(i);
    if (name.front() == '_' && name != "_value") return reach(i);
    if (holds(kClosedNames, name)) return reach(i);
    bool type_like = name.front() >= 'A' && name.front() <= 'Z';
    if (type_like && !is_type(name)) return reach(i);
    if (sign(i + 1, "(")) check_call(i);
  }

  void check_member(std::size_t i) {
    if (sign(i + 1, "(")) check_method(i);
  }

  void check_method(std::size_t i) {
    if (holds(kClosedMethods, at(i).text)) reach(i);
  }

  // A function is declared in the script, behind the type it gives.
  void check_call(std::size_t i) {
    std::string_view name = at(i).text;
    const ScriptToken& before = at(i == 0 ? tokens_.size() - 1 : i - 1);
    if (language_ == ScriptLanguage::kExpression) {
      if (!holds(kExpressionFunctions, name)) reach(i);
      return;
    }
    if (before.kind == Kind::kWord && before.text == "new") return;  // of a type, or refused
    constexpr auto kGiven = std::to_array<std::string_view>(
        {"boolean", "byte", "short", "char", "int", "long", "float", "double", "def", "void"});
    bool declared = (before.kind == Kind::kWord && holds(kGiven, before.text)) ||
                    (before.kind == Kind::kName && is_type(before.text));
    if (declared) {
      functions_.push_back(name);
    } else if (std::find(functions_.begin(), functions_.end(), name) == functions_.end()) {
      reach(i);
    }
  }

  // The index behind `['name']`, `.name` or `.method('name'`; 0 if something else stands there.
  struct Named {
    std::string_view name;
    std::size_t end = 0;
  };

  Named named(std::size_t i, std::initializer_list<std::string_view> methods) const {
    if (sign(i, "[")) {
      bool good = at(i + 1).kind == Kind::kString && at(i + 1).plain && sign(i + 2, "]");
      return good ? Named{at(i + 1).text, i + 3} : Named{};
    }
    if (!sign(i, ".")) return {};
    if (!sign(i + 2, "(")) return {at(i + 1).text, i + 2};
    bool known = std::find(methods.begin(), methods.end(), at(i + 1).text) != methods.end();
    bool literal = at(i + 3).kind == Kind::kString && at(i + 3).plain &&
                   (sign(i + 4, ")") || sign(i + 4, ","));
    return known && literal ? Named{at(i + 3).text, i + 4} : Named{};
  }

  void check_doc(std::size_t i) {
    Named field = named(i + 1, {"containsKey", "get"});
    if (field.end == 0) return reach(i);
    if (!is_open_field(field.name)) fault_ = {DenyCode::kFieldDenied, field.name};
  }

  void check_params(std::size_t i) {
    Named param = named(i + 1, {"containsKey", "get", "getOrDefault"});
    if (param.end == 0) return reach(i);
    if (!is_open_param(param.name)) return fail(param.name);
    // A parameter that changes would tell the next document of this one.
    if (behind(i, "++") || behind(i, "--") || is_assigned(param.end)) return reach(i);
    auto same = [&](const ScriptParam& other) { return other.name == param.name; };
    auto given = std::find_if(params_.begin(), params_.end(), same);
    if (given == params_.end() || !given->is_collection) return;
    bool asked = at(i + 2).kind == Kind::kMember && sign(i + 3, "(");
    if (asked && at(i + 2).text == "containsKey") return;
    if (asked || !only_read(i, param.end)) reach(i);
  }

  bool is_assigned(std::size_t i) const {
    return at(i).kind == Kind::kSign && holds(kAssignments, at(i).text);
  }

  // A list or object may be asked, looked into and gone through, nothing else.
  bool only_read(std::size_t i, std::size_t end) const {
    if (i > 0 && at(i - 1).kind == Kind::kWord && at(i - 1).text == "in") return sign(end, ")");
    if (sign(end, ".")) {
      if (sign(end + 2, "(")) return holds(kReads, at(end + 1).text);
      return !is_assigned(end + 2);
    }
    if (!sign(end, "[")) return false;
    std::size_t depth = 0;
    for (std::size_t close = end; close + 1 < tokens_.size(); ++close) {
      if (sign(close, "[")) ++depth;
      if (sign(close, "]") && --depth == 0) return !is_assigned(close + 1);
    }
    return false;
  }

  std::span<const ScriptToken> tokens_;
  ScriptLanguage language_;
  std::span<const ScriptParam> params_;
  ArenaVector<std::string_view> functions_;
  ScriptFault fault_;
};

// --- the JSON around it

struct Script {
  std::string_view source;
  bool has_source = false;
  ScriptLanguage language = ScriptLanguage::kPainless;
};

bool walk_language(Walk& walk, ScriptLanguage& out) {
  std::string_view language;
  if (!walk.string(language)) return false;
  if (language == "expression") out = ScriptLanguage::kExpression;
  return language == "painless" || language == "expression"
             ? true
             : walk.fail(DenyCode::kScriptDenied, language);
}

constexpr Key kPlain{"", Rule::kScalarOrNull};

// Scalars, and lists and objects of scalars.
bool walk_params(Walk& walk, ArenaVector<ScriptParam>& out) {
  return walk.object([&](std::string_view name) {
    JsonType type = walk.json.type();
    bool collection = type == JsonType::kArray || type == JsonType::kObject;
    out.push_back({name, collection});
    if (type == JsonType::kArray) {
      return walk.array([&](std::uint32_t) { return walk_value(walk, kPlain); });
    }
    if (type == JsonType::kObject) {
      return walk.object([&](std::string_view) { return walk_value(walk, kPlain); });
    }
    return walk_value(walk, kPlain);
  });
}

bool walk_source(Walk& walk, Script& script) {
  script.has_source = true;
  if (!walk.string(script.source)) return false;
  return script.source.size() <= walk.limits.max_script_bytes
             ? true
             : walk.fail(DenyCode::kScriptSyntax, "too long");
}

bool check(Walk& walk, const Script& script, std::span<const ScriptParam> params,
           std::string_view key) {
  ScriptFault fault = check_script(script.source, script.language, params, walk.arena);
  if (!fault) return true;
  std::string_view detail = printable_detail(fault.detail);
  return key.empty() ? walk.fail(fault.code, detail) : walk.fail_at_key(key, fault.code, detail);
}

}  // namespace

ScriptFault check_script(std::string_view source, ScriptLanguage language,
                         std::span<const ScriptParam> params, Arena& arena) {
  ArenaVector<ScriptToken> tokens{ArenaAllocator<ScriptToken>(arena)};
  std::string_view offending;
  if (!read_script_tokens(source, tokens, offending)) {
    return {DenyCode::kScriptSyntax, offending};
  }
  return Checker(tokens, language, params, arena).check();
}

bool walk_value_script(Walk& walk) {
  if (walk.sight.scripts == Scripts::kOff) return walk.fail(DenyCode::kScriptDenied);
  Script script;
  if (walk.json.type() == JsonType::kString) {
    return walk_source(walk, script) && check(walk, script, {}, {});
  }
  ArenaVector<ScriptParam> params{ArenaAllocator<ScriptParam>(walk.arena)};
  bool walked = walk.object([&](std::string_view name) {
    if (name == "source") return walk_source(walk, script);
    if (name == "lang") return walk_language(walk, script.language);
    if (name == "params") return walk_params(walk, params);
    if (name == "id" || name == "stored") return walk.fail(DenyCode::kScriptDenied, name);
    return walk.fail(DenyCode::kBodyKeyUnknown, name);
  });
  if (!walked) return false;
  if (!script.has_source) return walk.fail(DenyCode::kScriptSyntax, "no `source`");
  return check(walk, script, params, "source");
}

namespace {

// Where a script stands in a query, by the path to it.
struct Place {
  enum class Root : std::uint8_t { kNone, kQuery, kAfterwards } root = Root::kNone;
  std::size_t gate = Walk::QueryScripts::kNoGate;  // the first clause that filters only
  bool in_agg = false;
  bool in_should = false;
};

// The step of the first clause: behind `query`, behind an aggregation's filter. A text that begins
// with the clause is a query by itself. Aggregations and post_filter ask about found documents.
std::size_t first_clause(const Walk& walk, Place& place) {
  std::size_t step = 0;
  while (walk.key_at(step) == "aggs" || walk.key_at(step) == "aggregations") step += 2;
  place.in_agg = step > 0;
  place.root = Place::Root::kAfterwards;
  if (place.in_agg) {
    if (walk.key_at(step) == "filter") return step + 1;
    bool several = walk.key_at(step) == "filters" || walk.key_at(step) == "adjacency_matrix";
    if (several && walk.key_at(step + 1) == "filters") return step + 3;
    place.root = Place::Root::kNone;
    return step;
  }
  if (walk.key_at(0) == "post_filter") return 1;
  place.root = Place::Root::kQuery;
  return walk.key_at(0) == "query" ? 1 : 0;
}

// Follows the clauses to the script; the ones it passes are those that step through their own
// clauses with care, as tests with scripts that fail on other documents have shown.
Place place_of(const Walk& walk, Profile profile) {
  Place place;
  std::size_t step = first_clause(walk, place);
  if (place.root == Place::Root::kNone) return place;
  bool filters_only = profile == Profile::kSealed;
  if (filters_only) place.gate = step;
  while (step + 2 < walk.depth()) {
    std::string_view type = walk.key_at(step);
    std::string_view slot = walk.key_at(step + 1);
    bool is_filter = slot == "filter" && (type == "bool" || type == "constant_score");
    bool is_clause =
        (type == "bool" && (slot == "must" || slot == "must_not" || slot == "should")) ||
        (type == "dis_max" && slot == "queries") ||
        (type == "boosting" && (slot == "positive" || slot == "negative"));
    if (!is_filter && !is_clause) return {};
    step += walk.key_at(step + 2).empty() ? 3 : 2;
    place.in_should = place.in_should || slot == "should";
    if (!filters_only && is_filter) {
      filters_only = true;
      place.gate = step;
    } else if (!filters_only && place.root == Place::Root::kQuery && slot != "must") {
      return {};
    }
  }
  bool found = filters_only || place.root == Place::Root::kAfterwards;
  return found && walk.key_at(step) == "script" ? place : Place{};
}

}  // namespace

bool walk_query_script(Walk& walk) {
  Walk::QueryScripts& seen = walk.query_scripts;
  Place place = place_of(walk, walk.sight.profile);
  bool closed = place.root == Place::Root::kNone || (place.in_should && seen.beside_many_should) ||
                (place.in_agg && seen.beside_nested_agg);
  if (!walk_value_script(walk)) return false;
  if (closed) return walk.fail(DenyCode::kScriptPlace);
  seen.guarded = true;
  seen.in_should = seen.in_should || place.in_should;
  seen.in_agg = seen.in_agg || place.in_agg;
  if (place.root == Place::Root::kQuery) {
    seen.gated = true;
    bool whole = place.gate == 1 && walk.key_at(0) == "query";
    if (whole) {
      seen.in_query = true;
    } else {
      seen.gate = place.gate;
    }
  }
  return true;
}

void guard_scripted_query(Walk& walk, std::size_t inside) {
  if (!std::exchange(walk.query_scripts.guarded, false)) return;
  std::string_view open =
      walk.arena.concat({R"("bool":{"filter":[)", walk.visible(), R"(],"must":[{)"});
  walk.edits.guard(inside, open);
  walk.edits.guard(walk.here(), "}]}");
}

void gate_scripted_query(Walk& walk, std::size_t begin) {
  if (walk.query_scripts.gate != walk.depth()) return;
  walk.query_scripts.gate = Walk::QueryScripts::kNoGate;
  walk.edits.guard(begin, kGateOpen);
  walk.edits.guard(walk.here(), kGateClose);
}

bool check_should_match(Walk& walk, std::string_view value) {
  while (!value.empty() && (value.back() == ' ' || value.back() == '\n' || value.back() == '\r' ||
                            value.back() == '\t')) {
    value.remove_suffix(1);
  }
  if (value == "0" || value == "1" || value == R"("0")" || value == R"("1")") return true;
  walk.query_scripts.beside_many_should = true;
  return walk.query_scripts.in_should ? walk.fail(DenyCode::kScriptPlace) : true;
}

}  // namespace weir
