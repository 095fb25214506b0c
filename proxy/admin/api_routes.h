// The operations of the Shared Tokens API as one table: the router, the answer to a wrong method,
// what a request may carry and the test of the OpenAPI document all come from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/small_handler.h"

namespace weir::proxy {

struct ApiContext;
struct Call;

/// What a request of an operation may carry.
enum class Body : std::uint8_t { kNone, kJson };
enum class Conditional : std::uint8_t { kNone, kIfMatch, kIfNoneMatch };

struct ApiRoute {
  std::string_view id;  // the operationId, the published one where there is one
  std::string_view method;
  std::string_view path;  // `{id}` and `{linkId}` stand for one segment each
  bool changes;           // needs the permission to write
  Body body;
  Conditional conditional;
  std::string_view parameters;  // in the URI, separated by blanks
  SmallResponse (*answer)(ApiContext& context, const Call& call);
};

/// A path with a word where another has `{id}` stands before it.
std::span<const ApiRoute> api_routes() noexcept;

struct RouteMatch {
  const ApiRoute* route = nullptr;  // null: no such path, or not with this method
  std::string allow;                // methods of the path; empty when there is no such path
  std::string_view id_text;         // what stands for `{id}`
  std::string_view link_id_text;    // what stands for `{linkId}`
};

/// `path` is the target without its query, still percent-encoded: an encoded letter is no letter of
/// a route.
RouteMatch match_api_route(std::string_view method, std::string_view path);

}  // namespace weir::proxy
