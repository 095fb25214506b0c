// The rows, in two constant arrays (plain ones: clang cannot deduce the size of a std::array this
// long).
#include <array>
#include <stdexcept>

#include "base/name.h"
#include "route/route.h"

namespace weir {
namespace {

// Methods as they are written in the rows.
constexpr std::uint8_t bit(Method method) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(method));
}
constexpr std::uint8_t kGet = bit(Method::kGet);
constexpr std::uint8_t kHead = bit(Method::kHead);
constexpr std::uint8_t kPost = bit(Method::kPost);
constexpr std::uint8_t kPut = bit(Method::kPut);
constexpr std::uint8_t kDelete = bit(Method::kDelete);
constexpr std::uint8_t kPatch = bit(Method::kPatch);

#define WEIR_SERVED(methods, path, route) \
  Row{(methods), path, RouteId::route, DenyCode::kUndecided},
constexpr Row kServed[] = {
#include "route/served.inc"
};
#undef WEIR_SERVED

#define WEIR_DENIED(methods, path, reason) Row{(methods), path, RouteId::kNone, DenyCode::reason},
constexpr Row kDenied[] = {
#include "route/table/admin.inc"
#include "route/table/cluster.inc"
#include "route/table/dashboards_module.inc"
#include "route/table/metadata.inc"
#include "route/table/plugin_ml_security.inc"
#include "route/table/plugin_opendistro.inc"
#include "route/table/plugin_other.inc"
#include "route/table/search.inc"
#include "route/table/write.inc"
};
#undef WEIR_DENIED

// OpenSearch looks a path up in four passes: literals only; a placeholder first; a placeholder
// last; placeholders anywhere. Within a pass the leftmost literal wins. A smaller rank is looked up
// earlier.
constexpr std::uint32_t rank(std::string_view path) {
  std::uint32_t placeholders = 0;  // one bit per segment, leftmost is highest
  std::uint32_t bit = 1U << 15U;
  std::uint32_t last = 0;
  for (; path.size() > 1; bit >>= 1U) {
    last = bit;
    if (is_placeholder(take_segment(path))) placeholders |= bit;
  }
  std::uint32_t pass = placeholders == 0             ? 0
                       : placeholders == (1U << 15U) ? 1
                       : placeholders == last        ? 2
                                                     : 3;
  return pass << 16U | placeholders;
}

constexpr Shape shape_of(std::string_view path) {
  Shape shape;
  shape.rank = rank(path);
  while (path.size() > 1) {
    std::string_view segment = take_segment(path);
    if (!is_placeholder(segment)) {
      shape.literal = shape.segments;
      shape.print = print_of(segment);
    }
    // Not a constant, and so no table, if the path has too many segments.
    if (++shape.segments > kMostSegments) throw std::length_error("too many segments");
  }
  return shape;
}

template <std::size_t kCount>
consteval std::array<Shape, kCount> shapes_of(const Row (&rows)[kCount]) {
  std::array<Shape, kCount> out{};
  for (std::size_t i = 0; i < kCount; ++i) out[i] = shape_of(rows[i].path);
  return out;
}
constexpr auto kServedShapes = shapes_of(kServed);
constexpr auto kDeniedShapes = shapes_of(kDenied);

}  // namespace

std::span<const Row> served_rows() noexcept { return kServed; }

std::span<const Row> denied_rows() noexcept { return kDenied; }

std::span<const Shape> served_shapes() noexcept { return kServedShapes; }

std::span<const Shape> denied_shapes() noexcept { return kDeniedShapes; }

}  // namespace weir
