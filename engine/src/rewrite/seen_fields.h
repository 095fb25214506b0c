// Which fields of a _field_caps answer visible documents have.
//
// The answer lists what the mappings hold, and every document that was ever written shapes those.
// So one filtered search asks for each field whether it exists in a visible document, and what none
// has is taken out of the answer.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "json/tokens.h"
#include "weir/limits.h"
#include "weir/verdict.h"

namespace weir {

class Walk;

class SeenFields {
 public:
  /// REQUIRES: the answer and the arena outlive the object.
  SeenFields(std::string_view answer, Arena& arena)
      : answer_(answer), arena_(arena), fields_(ArenaAllocator<Field>(arena)) {}

  /// Reads the answer; `walk` stands at its beginning. Otherwise why the request fails.
  std::optional<DenyCode> read(Walk& walk, const Limits& limits);

  /// How many fields have to be asked for.
  std::size_t asked() const { return asked_; }

  /// The `aggs` of the search that asks: one filter for each of those fields. In the arena.
  std::string_view aggs() const;

  /// Reads the answer of that search. Otherwise why the request fails.
  std::optional<DenyCode> read_seen(Walk& walk);

  /// The _field_caps answer without the fields that were not seen, in the order of their names: the
  /// cluster's order depends on how many there are. In the arena.
  std::string_view visible();

 private:
  struct Field {
    std::string_view name;
    std::string_view asked_as;  // the name of the field to ask for; empty: it is not asked for
    std::string_view text;      // the whole member
    bool group = false;         // object or nested: kept with what is in it
    bool nested = false;
    bool object = false;
    bool family = false;  // fields below it exist with it
    bool kept = false;
  };

  bool read_fields(Walk& walk, const Limits& limits);
  bool read_field(Walk& walk, Field& field);
  bool read_buckets(Walk& walk);
  Field* find(std::string_view name);
  const Field* find(std::string_view name) const;
  std::string_view nested_path(std::string_view name) const;
  void keep_groups();

  std::string_view answer_;
  Arena& arena_;
  ArenaVector<Field> fields_;  // sorted by name once they are read
  std::size_t begin_ = 0;      // inside of the brackets of `fields`
  std::size_t last_ = 0;       // behind the last member
  std::size_t end_ = 0;
  std::size_t asked_ = 0;
  std::size_t answered_ = 0;
};

}  // namespace weir
