#include "admin/api_routes.h"

#include <algorithm>
#include <array>

#include "admin/operations.h"

namespace weir::proxy {
namespace {

constexpr auto kReads = false;
constexpr auto kChanges = true;
constexpr auto kNoBody = Body::kNone;
constexpr auto kJson = Body::kJson;
constexpr auto kAlways = Conditional::kNone;
constexpr auto kIfMatch = Conditional::kIfMatch;
constexpr auto kIfNoneMatch = Conditional::kIfNoneMatch;
constexpr std::string_view kAll = "/v1/shared-tokens";
constexpr std::string_view kOne = "/v1/shared-tokens/{id}";
constexpr std::string_view kFilters = "/v1/shared-tokens/filters";
constexpr std::string_view kFilter = "/v1/shared-tokens/filters/{id}";

// clang-format off
constexpr std::array kRoutes = std::to_array<ApiRoute>({
    {"getAllTokens", "GET", kAll, kReads, kNoBody, kAlways, "", get_all_tokens},
    {"createToken", "POST", kAll, kChanges, kJson, kAlways, "", create_token},
    {"searchTokens", "POST", "/v1/shared-tokens/search", kReads, kJson, kAlways, "", search_tokens},
    {"createTokens", "POST", "/v1/shared-tokens/bulk", kChanges, kJson, kAlways, "", create_tokens},
    {"getLimits", "GET", "/v1/shared-tokens/limits", kReads, kNoBody, kAlways, "", get_limits},
    {"getAllFilters", "GET", kFilters, kReads, kNoBody, kAlways, "", get_all_filters},
    {"createFilter", "POST", kFilters, kChanges, kJson, kAlways, "", create_filter},
    {"searchFilters", "POST", "/v1/shared-tokens/filters/search", kReads, kJson, kAlways, "", search_filters},
    {"getFilter", "GET", kFilter, kReads, kNoBody, kIfNoneMatch, "", get_filter},
    {"updateFilter", "PUT", kFilter, kChanges, kJson, kIfMatch, "confirm", update_filter},
    {"patchFilter", "PATCH", kFilter, kChanges, kJson, kIfMatch, "confirm", patch_filter},
    {"deleteFilter", "DELETE", kFilter, kChanges, kNoBody, kIfMatch, "confirm", delete_filter},
    {"previewDraft", "POST", "/v1/shared-tokens/preview", kReads, kJson, kAlways, "", preview_draft},
    {"getToken", "GET", kOne, kReads, kNoBody, kIfNoneMatch, "", get_token},
    {"updateToken", "PUT", kOne, kChanges, kJson, kIfMatch, "confirm", update_token},
    {"patchToken", "PATCH", kOne, kChanges, kJson, kIfMatch, "confirm", patch_token},
    {"deleteToken", "DELETE", kOne, kChanges, kNoBody, kIfMatch, "", delete_token},
    {"rotateToken", "POST", "/v1/shared-tokens/{id}/rotate", kChanges, kJson, kIfMatch, "", rotate_token},
    {"previewToken", "GET", "/v1/shared-tokens/{id}/preview", kReads, kNoBody, kAlways, "timeField samples intervals", preview_token},
    {"explainRequest", "POST", "/v1/shared-tokens/{id}/explain", kReads, kJson, kAlways, "", explain_request},
    {"whyDocument", "POST", "/v1/shared-tokens/{id}/why", kReads, kJson, kAlways, "", why_document},
    {"getAudit", "GET", "/v1/audit", kReads, kNoBody, kAlways, "token kind before limit", get_audit},
    {"getTraces", "GET", "/v1/traces", kReads, kNoBody, kAlways, "", get_traces},
    {"orderTrace", "POST", "/v1/traces", kChanges, kJson, kAlways, "", order_trace},
    {"endTrace", "DELETE", "/v1/traces/{id}", kChanges, kNoBody, kAlways, "", end_trace},
});
// clang-format on

/// Whether `path` has the form of `pattern`; `id` becomes what stands for `{id}`.
bool fits(std::string_view pattern, std::string_view path, std::string_view& id) {
  constexpr std::string_view kId = "{id}";
  const std::size_t at = pattern.find(kId);
  if (at == std::string_view::npos) {
    return path == pattern;
  }
  const std::string_view head = pattern.substr(0, at);
  const std::string_view tail = pattern.substr(at + kId.size());
  if (path.size() <= head.size() + tail.size() || !path.starts_with(head) ||
      !path.ends_with(tail)) {
    return false;
  }
  id = path.substr(head.size(), path.size() - head.size() - tail.size());
  return id.find('/') == std::string_view::npos;
}

}  // namespace

std::span<const ApiRoute> api_routes() noexcept { return kRoutes; }

RouteMatch match_api_route(std::string_view method, std::string_view path) {
  RouteMatch match;
  // Of the first row that fits; later ones (`/{id}` after `/filters`) do not count.
  std::string_view pattern;
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
