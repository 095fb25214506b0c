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
constexpr std::string_view kLinks = "/v1/shared-tokens/{id}/links";
constexpr std::string_view kLink = "/v1/shared-tokens/{id}/links/{linkId}";
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
    {"getLinks", "GET", kLinks, kReads, kNoBody, kAlways, "", get_links},
    {"createLink", "POST", kLinks, kChanges, kJson, kAlways, "", create_link},
    {"getLink", "GET", kLink, kReads, kNoBody, kIfNoneMatch, "", get_link},
    {"revokeLink", "DELETE", kLink, kChanges, kNoBody, kIfMatch, "", revoke_link},
    {"getFields", "GET", "/v1/fields", kReads, kNoBody, kAlways, "search limit", get_fields},
    {"getFieldValues", "GET", "/v1/fields/values", kReads, kNoBody, kAlways, "field search limit", get_field_values},
    {"getAudit", "GET", "/v1/audit", kReads, kNoBody, kAlways, "token kind before limit", get_audit},
    {"getTraces", "GET", "/v1/traces", kReads, kNoBody, kAlways, "", get_traces},
    {"orderTrace", "POST", "/v1/traces", kChanges, kJson, kAlways, "", order_trace},
    {"endTrace", "DELETE", "/v1/traces/{id}", kChanges, kNoBody, kAlways, "", end_trace},
});
// clang-format on

std::string_view take_segment(std::string_view& rest) {
  const std::size_t end = rest.find('/', 1);
  const std::string_view segment = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  return segment;
}

/// Whether `path` has the form of `pattern`; the ids become what stands in their places.
bool fits(std::string_view pattern, std::string_view path, RouteMatch& ids) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_segment(pattern);
    const std::string_view given = take_segment(path);
    const bool id = wanted == "/{id}";
    if (id || wanted == "/{linkId}") {
      (id ? ids.id_text : ids.link_id_text) = given.substr(1);
      if (given.size() < 2) {
        return false;
      }
    } else if (given != wanted) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::span<const ApiRoute> api_routes() noexcept { return kRoutes; }

RouteMatch match_api_route(std::string_view method, std::string_view path) {
  RouteMatch match;
  // Of the first row that fits; later ones (`/{id}` after `/filters`) do not count.
  std::string_view pattern;
  for (const ApiRoute& route : kRoutes) {
    RouteMatch ids;
    if ((!pattern.empty() && route.path != pattern) || !fits(route.path, path, ids)) {
      continue;
    }
    pattern = route.path;
    match.allow += (match.allow.empty() ? "" : ", ") + std::string(route.method);
    if (route.method == method) {
      match.route = &route;
      match.id_text = ids.id_text;
      match.link_id_text = ids.link_id_text;
    }
  }
  return match;
}

}  // namespace weir::proxy
