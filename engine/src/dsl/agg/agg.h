// Aggregations: the registry of every type OpenSearch knows, and the walk over a named set of them.
//
// A new type is one file beside this one, and one row in registry.cc.
#pragma once

#include <span>
#include <string_view>

#include "dsl/rules.h"
#include "dsl/walk.h"

namespace weir {

/// One aggregation type. `walk` consumes the type's value; null means the type is denied with
/// `deny`.
struct AggType {
  Name name;
  bool (*walk)(Walk&) = nullptr;
  DenyCode deny = DenyCode::kAggDenied;
};

/// Every type OpenSearch knows, sorted by name.
std::span<const AggType> agg_types();
/// The type of this name, or null.
const AggType* find_agg_type(const Name& name);

/// Walks `{"<name>": {"<type>": …, "aggs": {…}, "meta": {…}}, …}`.
bool walk_aggs(Walk& walk);

/// Walks a type's object by its table.
inline bool walk_agg_members(Walk& walk, std::span<const Key> keys) {
  return walk_members(walk, keys, DenyCode::kAggKeyUnknown);
}

}  // namespace weir
