// Documents that a query names by id instead of carrying values (`terms` lookup, `percolate`,
// `indexed_shape`). OpenSearch would read them unfiltered. Here they are fetched through the filter
// first, and the walk puts what they hold into the query.
//
// A request with lookups is walked in two rounds. In the first nobody has fetched anything: each
// rule says what it needs, and what the walk makes is thrown away. In the second each rule gets its
// document. A rule asks for the same in both.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dsl/walk.h"

namespace weir {

/// A document, and which part of its source is wanted. Views must live as long as the arena.
struct Reference {
  std::string_view index;
  std::string_view id;
  std::string_view routing;  // empty: none
  std::string_view source;   // the value of a search's `_source`
  bool stored = false;       // or of `stored_fields`, which then stand for the source
  friend bool operator==(const Reference&, const Reference&) = default;
};

/// A document as the holder of the token may see it.
struct Document {
  bool found = false;  // false for hidden and missing ones alike
  bool has_source = false;
  Cursor source;  // on the source, an object that was validated
};

class Lookups {
 public:
  /// Null in the first round. False: the walk has failed.
  virtual bool look_up(Walk& walk, const Reference& reference, const Document*& out) = 0;

 protected:
  ~Lookups() = default;
};

/// Appends the values at `path` (names with dots between them, none of them empty) of a document as
/// the elements of a JSON array, and counts them: what OpenSearch's XContentMapValues finds in the
/// source once that is filtered to `path`. False if there are more than `max`.
bool append_source_values(Walk& walk, Cursor source, std::string_view path, std::uint32_t max,
                          std::string& out);

/// The one value at `path` (names with dots between them, none of them empty), as OpenSearch looks
/// for an indexed shape: along objects only, and by whole names. JsonType::kNone if there is none.
/// False: the walk has failed.
bool find_source_value(Walk& walk, Cursor source, std::string_view path, Cursor& out);

/// The text of a value of a document, without line ends, in the arena. False: the walk has failed.
bool copy_source_value(Walk& walk, Cursor value, std::string_view& out);

/// True for a path that every version of OpenSearch reads alike: they differ about empty names.
bool is_source_path(std::string_view path);

}  // namespace weir
