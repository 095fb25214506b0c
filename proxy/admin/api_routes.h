// The nine published operations as one table: the router, the answer to a wrong method and the test
// of the OpenAPI document all come from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir::proxy {

enum class Operation : std::uint8_t {
  kGetAllTokens,
  kCreateToken,
  kGetToken,
  kUpdateToken,
  kDeleteToken,
  kGetAllFilters,
  kCreateFilter,
  kGetFilter,
  kDeleteFilter,
};

struct ApiRoute {
  Operation operation;
  std::string_view id;  // the published operationId
  std::string_view method;
  std::string_view path;  // `{id}` stands for one segment
  bool changes;           // needs the permission to write
};

/// `/filters` stands before `/{id}`.
std::span<const ApiRoute> api_routes() noexcept;

struct RouteMatch {
  const ApiRoute* route = nullptr;  // null: no such path, or not with this method
  std::string allow;                // methods of the path; empty when there is no such path
  std::string_view id_text;         // what stands for `{id}`
};

/// `path` is the target without its query, still percent-encoded: an encoded letter is no letter of
/// a route.
RouteMatch match_api_route(std::string_view method, std::string_view path);

}  // namespace weir::proxy
