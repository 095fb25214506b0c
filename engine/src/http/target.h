// The request target as a value: path segments and parameters, decoded once.
//
// Accepts less than OpenSearch with the same meaning: one grammar for path and query, nothing
// normalised, nothing that two parsers could read differently. What is refused here (`//`, `;`,
// `#`, dot segments, repeated names, raw non-ASCII) is what OpenSearch is known to read in its own
// way.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "weir/limits.h"
#include "weir/verdict.h"

namespace weir {

/// One URI parameter, decoded. `name` is never empty; `?q` has an empty value and !has_value.
struct Param {
  std::string_view name;
  std::string_view value;
  bool has_value = false;
};

/// Views point into the raw target or the arena.
struct Target {
  /// Path segments, decoded; never empty strings, `.` or `..`; valid UTF-8 without control bytes.
  /// May contain `/` (from
  /// `%2F`): match_route() lets that pass for document ids only. The path `/` has none.
  std::span<const std::string_view> segments;
  /// The same segments as on the wire. Literal parts of a route are compared with these, as
  /// OpenSearch does not decode them.
  std::span<const std::string_view> raw_segments;
  /// In the order given; names are unique.
  std::span<const Param> params;

  /// Null when absent.
  const Param* find(std::string_view name) const noexcept;
};

/// Empty on success; otherwise why not, with `detail` naming the piece (printable, may be empty)
/// and `out` unspecified. Cost: linear in `raw`, plus the square of the number of parameters
/// (bounded by Limits::max_uri_params).
[[nodiscard]] std::optional<DenyCode> parse_target(std::string_view raw, const Limits& limits,
                                                   Arena& arena, Target& out,
                                                   std::string_view& detail);

}  // namespace weir
