// What a cluster said about its indices, as far as the filters in use depend on it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/mapping.h"
#include "weir/policy.h"

namespace weir::proxy {

struct LearnedIndex {
  std::string name;
  std::string data_stream;           // that it is a backing index of; empty: of none
  std::vector<FieldVerdict> fields;  // beside Learned::fields
  bool operator==(const LearnedIndex&) const = default;
};

/// Immutable once published.
struct Learned {
  std::vector<std::string> patterns;  // index scopes that were asked about; ascending
  std::vector<std::string> fields;    // ascending
  std::vector<LearnedIndex> indices;  // by name
  bool operator==(const Learned&) const = default;
};

/// The same as the engine takes it. `indices` keep their order.
Catalog catalog_of(const Learned& learned);

}  // namespace weir::proxy
