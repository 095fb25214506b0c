#include "route/params.h"

#include <algorithm>
#include <array>

#include "route/params_table.inc"

namespace weir {
namespace {

using namespace params_table;

struct RouteParams {
  std::span<const ParamRow> own;
  std::span<const ParamRow> common;
};

RouteParams params_of(RouteId route) {
  switch (route) {
    case RouteId::kNone:
      return {};
    case RouteId::kInfo:
      return {{}, kCommonMade};
    case RouteId::kPing:
      return {{}, kCommonPlain};
    case RouteId::kIndexExists:
      return {kIndexExists, kCommonPlain};
    case RouteId::kSearch:
      return {kSearch, kCommonStreamed};
    case RouteId::kMultiSearch:
      return {kMultiSearch, kCommonStreamedWhole};
    case RouteId::kCount:
      return {kCount, kCommonCount};
    case RouteId::kDocument:
      return {kDocument, kCommonPlain};
    case RouteId::kSource:
      return {kSource, kCommonPlain};
    case RouteId::kMultiGet:
      return {kMultiGet, kCommonPlain};
    case RouteId::kScrollNext:
      return {kScrollNext, kCommonStreamedWhole};
    case RouteId::kScrollClear:
      return {kScrollClear, kCommonPlain};
    case RouteId::kPitCreate:
      return {kPitCreate, kCommonPlain};
    case RouteId::kPitDelete:
      return {{}, kCommonPlain};
    case RouteId::kFieldCaps:
      return {kFieldCaps, kCommonStreamed};
    case RouteId::kSearchTemplate:
      return {kSearchTemplate, kCommonStreamed};
    case RouteId::kRenderTemplate:
      return {{}, kCommonStreamed};
    case RouteId::kStoredTemplate:
      return {kStoredTemplate, kCommonStreamedWhole};
  }
  return {};
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

// Calls `good` for every item between `separator`s; false at the first it does not like.
template <typename Good>
bool all_items(std::string_view text, char separator, Good good) {
  while (true) {
    std::size_t end = text.find(separator);
    if (!good(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool is_bool(std::string_view value) {
  return value.empty() || value == "true" || value == "false";
}

bool is_choice(std::string_view choices, std::string_view value) {
  return !all_items(choices, '|', [&](std::string_view choice) { return choice != value; });
}

bool is_name_list(std::string_view value, std::uint64_t max, bool patterns) {
  return value.size() <= max && all_items(value, ',', [&](std::string_view item) {
           return !item.empty() && (patterns || item.find('*') == std::string_view::npos);
         });
}

std::optional<DenyCode> check_expand_wildcards(std::string_view value) {
  bool hidden = false;
  bool closed = false;
  bool known = all_items(value, ',', [&](std::string_view item) {
    hidden |= item == "hidden" || item == "all";
    closed |= item == "closed";
    return is_choice("open|none|hidden|all|closed", item);
  });
  if (!known) return DenyCode::kParamValue;
  if (hidden) return DenyCode::kIndexHidden;
  if (closed) return DenyCode::kParamDenied;
  return std::nullopt;
}

std::optional<DenyCode> check_preference(std::string_view value) {
  constexpr std::size_t kMaxBytes = 128;
  // `_local`, `_only_nodes:...`, `_shards:...` choose nodes and shards.
  if (value.starts_with('_')) return DenyCode::kParamDenied;
  if (value.empty() || value.size() > kMaxBytes || !is_alphanumeric(value.front()) ||
      !consists_of(value, "_.-")) {
    return DenyCode::kParamValue;
  }
  return std::nullopt;
}

bool is_keep_alive(std::string_view value, const Limits& limits) {
  auto ms = parse_time_ms(value);
  return ms && *ms > 0 && *ms / 1000 <= limits.max_keep_alive_seconds &&
         *ms <= limits.max_keep_alive_seconds * 1000;
}

}  // namespace

std::span<const ParamRow> param_rows(RouteId route) noexcept { return params_of(route).own; }

std::span<const ParamRow> common_param_rows(RouteId route) noexcept {
  return params_of(route).common;
}

const ParamRow* find_param(RouteId route, std::string_view name) noexcept {
  RouteParams params = params_of(route);
  for (std::span<const ParamRow> rows : {params.own, params.common}) {
    for (const ParamRow& row : rows) {
      if (row.name == name) return &row;
    }
  }
  return nullptr;
}

std::optional<DenyCode> check_param(const ParamRow& row, const Param& param,
                                    const Limits& limits) noexcept {
  if (row.use == ParamUse::kDenied) return row.code;
  std::string_view value = param.value;
  auto require = [&](bool good) { return good ? std::nullopt : std::optional(row.code); };
  switch (row.kind) {
    case ValueKind::kNone:
      return row.code;
    case ValueKind::kBool:
      return require(is_bool(value));
    case ValueKind::kInt: {
      auto number = parse_uint(value, row.max);
      return require(number && *number >= row.min);
    }
    case ValueKind::kBoolOrInt:
      return require(value == "true" || value == "false" || parse_uint(value, row.max));
    case ValueKind::kTime:
      return require(parse_time_ms(value).has_value());
    case ValueKind::kKeepAlive:
      return require(is_keep_alive(value, limits));
    case ValueKind::kNames:
      return require(is_name_list(value, row.max, false));
    case ValueKind::kPatterns:
      return require(is_name_list(value, row.max, true));
    case ValueKind::kOneOf:
      return require(is_choice(row.choices, value));
    case ValueKind::kExpandWildcards:
      return check_expand_wildcards(value);
    case ValueKind::kPreference:
      return check_preference(value);
    case ValueKind::kFilterPath:
      return require(!value.empty() && value.size() <= row.max && consists_of(value, "_.*,-"));
    case ValueKind::kText:
      return require(value.size() >= row.min && value.size() <= row.max);
  }
  return row.code;
}

std::optional<DenyCode> check_params(const RouteMatch& match, const Target& target,
                                     const Limits& limits, std::string_view& detail) noexcept {
  for (const Param& param : target.params) {
    constexpr std::size_t kDetailBytes = 64;
    detail = param.name.substr(0, kDetailBytes);
    const ParamRow* row = find_param(match.id, param.name);
    if (row == nullptr) return DenyCode::kParamUnknown;
    // The path has said it; OpenSearch would let the path win.
    if (param.name == "scroll_id" && !match.scroll_id.empty()) return DenyCode::kParamRepeated;
    if (auto denied = check_param(*row, param, limits)) return denied;
  }
  detail = {};
  return std::nullopt;
}

std::optional<std::uint64_t> parse_uint(std::string_view text, std::uint64_t max) noexcept {
  constexpr std::size_t kMaxDigits = 18;  // no overflow
  if (text.empty() || text.size() > kMaxDigits) return std::nullopt;
  std::uint64_t number = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number <= max ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> parse_time_ms(std::string_view text) noexcept {
  struct Unit {
    std::string_view name;
    std::uint64_t multiply;
    std::uint64_t divide;
  };
  constexpr std::array kUnits = {
      Unit{"nanos", 1, 1000000}, Unit{"micros", 1, 1000}, Unit{"ms", 1, 1},      Unit{"s", 1000, 1},
      Unit{"m", 60000, 1},       Unit{"h", 3600000, 1},   Unit{"d", 86400000, 1}};
  constexpr std::uint64_t kMax = 10000000000;  // times a day in milliseconds: no overflow
  std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  auto number = parse_uint(text.substr(0, digits), kMax);
  if (!number) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.name == text.substr(digits)) return *number * unit.multiply / unit.divide;
  }
  return std::nullopt;
}

}  // namespace weir
