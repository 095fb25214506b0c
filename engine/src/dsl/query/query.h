// Queries: the registry of every type OpenSearch knows, and the walk over one query.
//
// A new type is one file beside this one that defines its `QueryType`, and one row in registry.cc.
#pragma once

#include <span>
#include <string_view>

#include "dsl/rules.h"
#include "dsl/walk.h"

namespace weir {

/// One query type. `walk` consumes the type's value (`{"<name>": VALUE}`); null means the type is
/// denied with `deny`.
struct QueryType {
  Name name;
  bool (*walk)(Walk&) = nullptr;
  DenyCode deny = DenyCode::kQueryDenied;
};

/// Every type OpenSearch knows, sorted by name.
std::span<const QueryType> query_types();
/// The type of this name, or null.
const QueryType* find_query_type(const Name& name);

/// Walks one query object.
bool walk_query(Walk& walk);
/// Walks one query of the types that `may_stand` here; another one fails with kQuerySpan.
bool walk_query_of(Walk& walk, bool (*may_stand)(const Name& type));
/// Walks a query, or an array of queries.
bool walk_queries(Walk& walk);

// --- what the types' files share

/// True if every score is level in this token's profile, so that only the match counts.
inline bool is_level(const Walk& walk) { return walk.sight.profile == Profile::kSealed; }

/// What was walked since the cursor stood at `begin`, as it stands in the request.
inline std::string_view text_between(const Walk& walk, std::size_t begin) {
  return walk.json.text().substr(begin, walk.here() - begin);
}

/// Walks one member's value by its row and appends `,"key":value` to `kept`: for a query that is
/// written anew. REQUIRES: the row's rule makes no edits.
bool walk_kept(Walk& walk, const Key& key, std::string_view& kept);

/// The two keys almost every query takes.
inline constexpr Key kBoost{"boost", Rule::kNumber};
inline constexpr Key kName{"_name", Rule::kString};

/// Walks a type's object by its table.
inline bool walk_query_members(Walk& walk, std::span<const Key> keys) {
  return walk_members(walk, keys, DenyCode::kQueryKeyUnknown);
}

/// Walks `{"<field>": SCALAR}` or `{"<field>": {members}}`: exactly one field, which `check` lets
/// pass.
bool walk_field_query(Walk& walk, std::span<const Key> keys,
                      bool (*check)(Walk&, std::string_view field) = check_field);

/// check_field() for queries about whole values: `_ignored` names the document's own fields.
bool check_value_field(Walk& walk, std::string_view name);

/// The same, with `members` for the long form: it consumes the object.
bool walk_field_query(Walk& walk, bool (*members)(Walk&));

/// The same, with `short_form` for what is no object.
bool walk_field_query(Walk& walk, bool (*short_form)(Walk&), bool (*members)(Walk&));

/// A member that every forwarded query of a type has, so that a default of OpenSearch's does not
/// apply: the default would choose among the terms of everybody's documents.
struct Forced {
  Name key;
  std::string_view member;  // `"key":value`
  Name beside = {};         // if not empty: only beside this key
  Name idle = {};           // a key that means nothing beside `key`, and is refused without it
};

/// Walks a type's object by its table and puts the forced member into it, unless it stands there.
bool walk_query_members(Walk& walk, std::span<const Key> keys, const Forced& forced);

/// walk_field_query with a forced member; the short form becomes `{"<short_key>": SCALAR, forced}`.
bool walk_field_query(Walk& walk, std::span<const Key> keys, std::string_view short_key,
                      const Forced& forced);

/// The single-string `rewrite` knobs: only forms that do not count terms of hidden documents.
bool walk_rewrite(Walk& walk);

/// The most states an automaton may have (OpenSearch's own default; more is memory for nothing).
bool walk_max_states(Walk& walk);

inline constexpr Forced kAllExpansions{"max_expansions", R"("max_expansions":2147483647)"};
inline constexpr Forced kFuzzyRewrite{"fuzzy_rewrite", R"("fuzzy_rewrite":"constant_score")",
                                      "fuzziness", "max_expansions"};

}  // namespace weir
