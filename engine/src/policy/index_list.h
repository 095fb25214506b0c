// The indices that filters hold in, by name.
//
// `_index` queries resolve aliases, so that only a list of concrete names keeps a search inside its
// scope; and a filter is equality only where the mapping says so. Both come from the catalog.
// Thousands of indices times thousands of tokens must not multiply: lists are made once for each
// set of filter fields and shared.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/scope.h"
#include "weir/policy.h"

namespace weir {

/// The lists of one account, made as they are needed. Copies share what is made so far; a clause
/// lives as long as any of them.
class IndexLists {
 public:
  /// Nothing is in them.
  IndexLists() = default;
  IndexLists(const Scope& scope, const Catalog& catalog);

  /// JSON of a query clause that holds in the indices of the catalog that are in scope by their own
  /// name, or back a data stream that is, and in which every one of the filters is exact. For equal
  /// lists the same view.
  std::string_view clause(std::span<const Filter> filters);
  /// The same if it has been made before.
  std::optional<std::string_view> find(std::span<const Filter> filters) const;

 private:
  // A filter as far as lists depend on it.
  struct Need {
    std::size_t column = 0;   // in the catalog; past its end: no such field
    std::uint16_t kinds = 0;  // bit k: its value fits FieldKind k
    auto operator<=>(const Need&) const = default;
  };
  struct Row {
    std::string name;  // as JSON
    std::vector<FieldKind> kinds;
  };

  struct Indices {
    std::vector<std::string> fields;
    std::vector<Row> rows;  // by name
  };

  std::vector<Need> needs_of(std::span<const Filter> filters) const;
  static std::string key_of(std::span<const Need> needs);
  static bool holds(const Row& row, std::span<const Need> needs);

  std::shared_ptr<const Indices> indices_ = std::make_shared<const Indices>();
  absl::flat_hash_map<std::string, std::string_view> by_needs_;
  absl::flat_hash_map<std::string_view, std::shared_ptr<const std::string>> clauses_;
};

}  // namespace weir
