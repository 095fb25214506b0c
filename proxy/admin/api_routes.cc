#include "admin/api_routes.h"

#include <algorithm>
#include <array>

namespace weir::proxy {
namespace {

constexpr std::array<ApiRoute, 9> kRoutes = {{
    {Operation::kGetAllTokens, "getAllTokens", "GET", "/v1/shared-tokens", false},
    {Operation::kCreateToken, "createToken", "POST", "/v1/shared-tokens", true},
    {Operation::kGetAllFilters, "getAllFilters", "GET", "/v1/shared-tokens/filters", false},
    {Operation::kCreateFilter, "createFilter", "POST", "/v1/shared-tokens/filters", true},
    {Operation::kGetFilter, "getFilter", "GET", "/v1/shared-tokens/filters/{id}", false},
    {Operation::kDeleteFilter, "deleteFilter", "DELETE", "/v1/shared-tokens/filters/{id}", true},
    {Operation::kGetToken, "getToken", "GET", "/v1/shared-tokens/{id}", false},
    {Operation::kUpdateToken, "updateToken", "PUT", "/v1/shared-tokens/{id}", true},
    {Operation::kDeleteToken, "deleteToken", "DELETE", "/v1/shared-tokens/{id}", true},
}};

/// Whether `path` has the form of `pattern`; `id` becomes what stands for `{id}`.
bool fits(std::string_view pattern, std::string_view path, std::string_view& id) {
  constexpr std::string_view kId = "{id}";
  if (!pattern.ends_with(kId)) {
    return path == pattern;
  }
  pattern.remove_suffix(kId.size());
  if (!path.starts_with(pattern)) {
    return false;
  }
  path.remove_prefix(pattern.size());
  id = path;
  return !path.empty() && path.find('/') == std::string_view::npos;
}

}  // namespace

std::span<const ApiRoute> api_routes() noexcept { return kRoutes; }

RouteMatch match_api_route(std::string_view method, std::string_view path) {
  RouteMatch match;
  std::string_view
      pattern;  // of the first row that fits; later ones (`/{id}` after `/filters`) do not count
  for (const ApiRoute& route : kRoutes) {
    std::string_view id;
    if ((!pattern.empty() && route.path != pattern) || !fits(route.path, path, id)) {
      continue;
    }
    pattern = route.path;
    match.allow += (match.allow.empty() ? "" : ", ") + std::string(route.method);
    if (route.method == method) {
      match.route = &route;
      match.id_text = id;
    }
  }
  return match;
}

}  // namespace weir::proxy
