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
  std::string_view name;
  bool (*walk)(Walk&) = nullptr;
  DenyCode deny = DenyCode::kQueryDenied;
};

/// Every type OpenSearch knows, sorted by name.
std::span<const QueryType> query_types();

/// Walks one query object.
bool walk_query(Walk& walk);
/// Walks a query, or an array of queries.
bool walk_queries(Walk& walk);

// --- what the types' files share

/// The two keys almost every query takes.
inline constexpr Key kBoost{"boost", Rule::kNumber};
inline constexpr Key kName{"_name", Rule::kString};

/// Walks a type's object by its table.
inline bool walk_query_members(Walk& walk, std::span<const Key> keys) {
  return walk_members(walk, keys, DenyCode::kQueryKeyUnknown);
}

/// Walks `{"<field>": SCALAR}` or `{"<field>": {members}}`: exactly one field.
bool walk_field_query(Walk& walk, std::span<const Key> keys);

/// The same, with `members` for the long form: it consumes the object.
bool walk_field_query(Walk& walk, bool (*members)(Walk&));

/// The single-string `rewrite` knobs: only forms that do not count terms of hidden documents.
bool walk_rewrite(Walk& walk);

}  // namespace weir
