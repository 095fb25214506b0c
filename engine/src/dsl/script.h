// Scripts that see nothing but the document at hand.
//
// A script could read more than that: counters of writes through `doc`, stored metadata through
// `_fields`, scores, the clock, and what it kept in its parameters when it ran on another document.
// So a script goes upstream only if its tokens show that it cannot: fields and parameters are named
// in quotes where they are used, the objects that hold them are never handed on, parameters are
// never changed, and types and functions come from a closed list. Where a script stands in a query,
// the query is made one that looks at visible documents only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dsl/walk.h"

namespace weir {

enum class ScriptLanguage : std::uint8_t { kPainless, kExpression };

/// A parameter that comes with a script. Lists and objects may be looked into, but not handed on.
struct ScriptParam {
  std::string_view name;
  bool is_collection = false;
};

/// Why a script is refused: kScriptSyntax, kScriptReach or kFieldDenied, and at what. No fault: the
/// code is kUndecided.
struct ScriptFault {
  DenyCode code = DenyCode::kUndecided;
  std::string_view detail;  // part of the source
  explicit operator bool() const { return code != DenyCode::kUndecided; }
};

/// Reads a script's source. `arena` holds its tokens. Cost: linear in the source.
ScriptFault check_script(std::string_view source, ScriptLanguage language,
                         std::span<const ScriptParam> params, Arena& arena);

/// A script that runs on documents which a search has found already (values of aggregations, sort
/// keys, script fields): a source, or an object with `source`, `lang`, `params`.
bool walk_value_script(Walk& walk);

// --- scripts in queries
//
// Lucene asks a clause's script before it has asked the clauses beside it wherever it steps through
// a clause by itself: below `must_not` and `should`, below scored clauses. Then the script runs on
// hidden documents, on deleted ones and on nested objects, and its errors tell of them. Two things
// keep it from that. The guard, around the script's query: the token's filter stands beside it. The
// gate, around the whole: the clause that holds the script becomes the filter of a function, which
// OpenSearch asks about one document at a time, and only about those that everything else found.

/// A script inside of a query, where it would run on documents before the token's filter has been
/// asked. Fails with kScriptPlace where the two do not hold.
bool walk_query_script(Walk& walk);

/// For walk_query(), behind the query's own walk: puts the guard around a query that runs a script.
/// `inside` is behind its `{`.
void guard_scripted_query(Walk& walk, std::size_t inside);

/// Puts the gate around the query just walked, from `begin` to here, if a script in it needs it.
void gate_scripted_query(Walk& walk, std::size_t begin);

/// The gate itself, for the search's own query (Walk::query_scripts.in_query).
inline constexpr std::string_view kGateOpen =
    R"({"function_score":{"query":{"match_all":{}},"functions":[{"filter":)";
inline constexpr std::string_view kGateClose =
    R"(,"weight":2}],"boost_mode":"replace","min_score":1.5}})";

/// A `minimum_should_match`, as it stands in the text: of more than one clause, it does not go with
/// scripts in `should`.
bool check_should_match(Walk& walk, std::string_view value);

}  // namespace weir
