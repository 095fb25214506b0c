// The rows, in two constant arrays (plain ones: clang cannot deduce the size of a std::array this
// long).
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

}  // namespace

std::span<const Row> served_rows() noexcept { return kServed; }

std::span<const Row> denied_rows() noexcept { return kDenied; }

}  // namespace weir
