// Which endpoint a request is for. Every (method, path) OpenSearch knows has a row, each with a
// handling: one of the few served routes, or the reason why it is denied. served.inc has the served
// rows, table/ the denied ones; no row can "just forward".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/target.h"
#include "weir/request.h"
#include "weir/verdict.h"

namespace weir {

/// What Weir serves. The zero value is "not served".
enum class RouteId : std::uint8_t {
  kNone,
  kInfo,         // GET /
  kPing,         // HEAD /
  kIndexExists,  // HEAD /{index}
  kSearch,
  kMultiSearch,
  kCount,
  kDocument,  // GET and HEAD /{index}/_doc/{id}
  kSource,    // GET and HEAD /{index}/_source/{id}
  kMultiGet,
  kScrollNext,
  kScrollClear,
  kPitCreate,
  kPitDelete,
  kFieldCaps,
  kSearchTemplate,
  kRenderTemplate,
  kStoredTemplate,  // GET /_scripts/{id}
};
inline constexpr std::size_t kRouteCount = 18;  // with kNone

/// What is written about a served route in logs, metrics and the README.
struct RouteInfo {
  RouteId id;
  std::string_view name;      // metric label, for instance "doc.get"; "-" for kNone
  std::string_view does;      // what the client gets
  std::string_view answered;  // how Weir comes by the answer
};
const RouteInfo& route_info(RouteId id) noexcept;

/// One row of the table: methods of one path with the same handling.
struct Row {
  std::uint8_t methods = 0;  // bit (1 << Method)
  std::string_view path;     // OpenSearch's template, for instance "/{index}/_search"
  RouteId id = RouteId::kNone;
  DenyCode deny = DenyCode::kRouteUnknown;  // if id is kNone
};
constexpr bool takes(const Row& row, Method method) noexcept {
  return (row.methods >> static_cast<unsigned>(method) & 1U) != 0;
}
std::span<const Row> served_rows() noexcept;
std::span<const Row> denied_rows() noexcept;

/// Segments of the longest path there may be a row for.
inline constexpr std::size_t kMostSegments = 12;

/// What a row's path looks like, worked out at compile time: comparing one print tells nearly all
/// rows that do not fit from those that do.
struct Shape {
  std::uint32_t rank = 0;   // of two paths that fit, OpenSearch takes the one of smaller rank
  std::uint32_t print = 0;  // of the last literal; 0 if there is none
  std::uint8_t literal = kMostSegments;  // where that stands; kMostSegments if there is none
  std::uint8_t segments = 0;
};
/// Of the same rows, in the same order.
std::span<const Shape> served_shapes() noexcept;
std::span<const Shape> denied_shapes() noexcept;

constexpr bool is_placeholder(std::string_view segment) noexcept { return segment.front() == '{'; }

/// Cuts the first segment of a template's rest, for instance "/a/{b}" -> "a", leaving "/{b}".
constexpr std::string_view take_segment(std::string_view& rest) noexcept {
  std::size_t end = rest.find('/', 1);
  std::string_view segment = rest.substr(1, end == std::string_view::npos ? end : end - 1);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
  return segment;
}

/// The zero value denies. Placeholders are decoded, and empty when the path has none.
struct RouteMatch {
  RouteId id = RouteId::kNone;
  DenyCode deny = DenyCode::kRouteUnknown;  // if id is kNone
  const Row* row = nullptr;                 // null when no row has this path and method
  std::string_view name = "-";              // as in RouteInfo
  std::string_view index;
  std::string_view doc_id;  // may contain `/`
  std::string_view scroll_id;
};

/// Never fails: an unknown path is denied with kRouteUnknown, a known path with another method with
/// kRouteMethod. Cost: a handful of comparisons for served routes, one pass over the table
/// otherwise.
RouteMatch match_route(Method method, const Target& target) noexcept;

}  // namespace weir
