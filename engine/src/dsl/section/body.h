// The body of a search: its top-level keys, and what the rewriter has to know about them.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "dsl/walk.h"

namespace weir {

/// One top-level member of a walked body.
struct BodyMember {
  Name key;
  Range value;
};

/// The weight of an index expression in `indices_boost`.
struct IndexBoost {
  std::string_view name;
  std::string_view boost;  // a JSON number
};

/// What the walk found at the top level.
struct SearchBody {
  std::size_t inside = 0;               // the offset behind `{`
  std::span<const BodyMember> members;  // arena memory
  std::optional<std::uint64_t> from;
  std::optional<std::uint64_t> size;
  bool has_aggs = false;
  bool exact_total = false;  // track_total_hits is true
  std::string_view pit_id;   // as the client sent it
  Range pit_id_value;
  std::string_view pit_keep_alive;
  std::span<const IndexBoost> boosts;  // arena memory

  const Range* find(const Name& key) const;
};

/// Walks a whole search body (an object); anything after it fails.
bool walk_search_body(Walk& walk, SearchBody& body);

/// Walks the body of a _count: an object that may hold `query`.
bool walk_count_body(Walk& walk, SearchBody& body);

}  // namespace weir
