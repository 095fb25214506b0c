// Which URI parameters a served route takes. Every name OpenSearch knows for the route has a row
// with its use and the values that are understood; any other name is unknown. What is not
// forwarded, put into the body or acted upon is denied, never dropped - except options that ask for
// what Weir does anyway.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "http/target.h"
#include "route/route.h"
#include "weir/limits.h"
#include "weir/verdict.h"

namespace weir {

enum class ParamUse : std::uint8_t {
  kDenied,    // with ParamRow::code, whatever the value
  kForward,   // sent upstream as it is
  kBody,      // written into the body by the rewriter
  kIndex,     // an option of the index expression
  kAnswered,  // acted upon by Weir itself, or asks for what Weir does anyway; not sent
};

enum class ValueKind : std::uint8_t {
  kNone,             // for kDenied
  kBool,             // `true`, `false` or empty, which is true
  kInt,              // digits, min to max
  kBoolOrInt,        // `true`, `false` or such digits
  kTime,             // digits and a unit, for instance `30s`
  kKeepAlive,        // such a time, not zero and at most Limits::max_keep_alive_seconds
  kNames,            // items separated by commas, none empty, without `*`
  kPatterns,         // the same, with `*`
  kOneOf,            // one of ParamRow::choices
  kExpandWildcards,  // `open` or `none`
  kPreference,  // a custom string: letter or digit, then at most 127 of letters, digits, `_`, `.`,
                // `-`
  kFilterPath,  // letters, digits and `_ . * , -`
  kText,        // min to max bytes
};

struct ParamRow {
  std::string_view name;
  ParamUse use = ParamUse::kDenied;
  ValueKind kind = ValueKind::kNone;
  DenyCode code =
      DenyCode::kParamDenied;  // for a value that is not understood, or always if denied
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  std::string_view choices;  // separated by `|`
};

/// The route's own rows, and those that nearly every OpenSearch endpoint shares.
std::span<const ParamRow> param_rows(RouteId route) noexcept;
std::span<const ParamRow> common_param_rows(RouteId route) noexcept;

/// Null for an unknown name.
const ParamRow* find_param(RouteId route, std::string_view name) noexcept;

/// Empty if the parameter may be used as its row says.
std::optional<DenyCode> check_param(const ParamRow& row, const Param& param,
                                    const Limits& limits) noexcept;

/// Checks all of them. REQUIRES: match.id is not kNone. `detail` is the offending name.
std::optional<DenyCode> check_params(const RouteMatch& match, const Target& target,
                                     const Limits& limits, std::string_view& detail) noexcept;

/// The value of a parameter that passed as kBool.
constexpr bool bool_value(const Param& param) noexcept { return param.value != "false"; }

/// Digits only, no sign; nothing above `max`.
std::optional<std::uint64_t> parse_uint(std::string_view text, std::uint64_t max) noexcept;

/// Milliseconds of a time such as `30s` (units nanos, micros, ms, s, m, h, d), rounded down.
std::optional<std::uint64_t> parse_time_ms(std::string_view text) noexcept;

}  // namespace weir
