// The grammar as data: which keys an object may have, and what each value may be.
//
// Adding a query type or an aggregation is mostly writing such a table. A key that no table names
// is denied as unknown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dsl/walk.h"

namespace weir {

enum class Rule : std::uint8_t {
  kBool,           // true | false, also as a string
  kInteger,        // a non-negative integer
  kNumber,         // any JSON number
  kScalar,         // string | number | true | false
  kScalarOrNull,   // the same, or null
  kScalars,        // a scalar, or an array of scalars
  kString,         // a string
  kStrings,        // a string, or an array of strings
  kField,          // a string that names a field
  kFieldPatterns,  // a field name or pattern (`name^boost` too), or an array of them
  kQuery,          // a query
  kQueries,        // a query, or an array of queries
  kAny,            // any JSON: it cannot mean more than the document it stands for
  kFalse,          // only `false`: the feature itself is denied with Key::code
  kDenied,         // the key is known and denied with Key::code
  kCustom,         // Key::walk consumes the value
};

struct Key {
  Name name;
  Rule rule;
  DenyCode code = DenyCode::kUndecided;  // for kFalse and kDenied
  bool (*walk)(Walk&) = nullptr;         // for kCustom
};

constexpr Key custom(Name name, bool (*walk)(Walk&)) {
  return {name, Rule::kCustom, DenyCode::kUndecided, walk};
}
constexpr Key denied(Name name, DenyCode code) { return {name, Rule::kDenied, code}; }

/// The row of `key`, or null. For the few rows that most tables have; find_row() is for long ones.
inline const Key* find_key(std::span<const Key> keys, const Name& key) {
  for (const Key& row : keys) {
    if (row.name == key) return &row;
  }
  return nullptr;
}

/// Walks one member's value by its row. The path stands at the member.
bool walk_value(Walk& walk, const Key& key);

/// Walks an object whose members all stand in `keys`; others fail with `unknown`.
bool walk_members(Walk& walk, std::span<const Key> keys, DenyCode unknown);

/// True if a request may name this field in a query, sort, aggregation or field list. Metadata
/// fields count writes
/// (`_seq_no`), reveal layout (`_routing`, `_size`) or are not the documents' own; only `_id` and
/// `_index` are plain.
bool is_open_field(std::string_view name);

/// The same for a pattern with `*`: one that could match a denied metadata field is not open.
/// OpenSearch expands `*` alone to the documents' own fields.
bool is_open_field_pattern(std::string_view pattern);

/// Fails with kSearchScores unless the token's profile keeps relevance scores.
bool check_scores(Walk& walk);

/// Checks a field name (`is_open_field`), failing with kFieldDenied.
bool check_field(Walk& walk, std::string_view name);
/// Checks a field name or pattern, an optional `^boost` cut off first.
bool check_field_pattern(Walk& walk, std::string_view pattern);

}  // namespace weir
