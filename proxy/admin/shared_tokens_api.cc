#include "admin/shared_tokens_api.h"

#include <charconv>
#include <utility>

#include "admin/api_caller.h"
#include "http/response_head.h"
#include "http/small_error.h"
#include "observe/log.h"

namespace weir::proxy {
namespace {

std::optional<std::int32_t> parse_id(std::string_view text) {
  std::int32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id <= 0) {
    return std::nullopt;
  }
  return id;
}

SmallResponse unauthenticated(const SmallRequest& request) {
  SmallResponse response =
      error_answer(401, "auth/UNAUTHENTICATED",
                   "a valid API token is required in the header X-API-TOKEN", request.request_id);
  response.headers.emplace_back("www-authenticate", "ApiToken header=\"X-API-TOKEN\"");
  return response;
}

/// What is wrong with the parameters, body and conditions whatever they say; and reads the
/// parameters.
Refusal check_form(Call& call) {
  const ApiRoute& route = call.route;
  if (std::string wrong =
          parse_uri_parameters(call.request.target, route.parameters, call.parameters);
      !wrong.empty()) {
    return refuse(call, 400, "endpoints/UNKNOWN_PARAMETER", wrong);
  }
  if (const auto confirm = call.parameters.find("confirm");
      confirm != call.parameters.end() && confirm->second != "widen") {
    return refuse(call, 400, "endpoints/INVALID_PARAMETER",
                  "the URI parameter `confirm` can only be `widen`");
  }
  if (route.body == Body::kJson && !call.request.body.empty() &&
      !is_json(call.request.header("content-type"))) {
    return refuse(call, 415, "endpoints/UNSUPPORTED_MEDIA_TYPE",
                  "send `Content-Type: application/json`");
  }
  return std::nullopt;
}

}  // namespace

SmallResponse SharedTokensApi::store_failed(const SmallRequest& request, const StoreError& error,
                                            bool known) {
  if (context_.log != nullptr) {
    context_.log->event(LogLevel::kError, "store_failed",
                        {{"reason", error.what()}, {"request_id", request.request_id}});
  }
  // The details (paths, SQLite's text) are for the operator's log; the cause is for both.
  const std::string_view text = error.what();
  SmallResponse response = error_answer(
      503, known ? "shared-tokens/STORE_UNAVAILABLE" : "shared-tokens/OUTCOME_UNKNOWN",
      std::string(text.substr(0, text.find(" ("))) + (known ? "; nothing was changed" : ""),
      request.request_id);
  response.headers.emplace_back("retry-after", "5");
  return response;
}

SmallResponse SharedTokensApi::answer(const SmallRequest& request) noexcept try {
  return route(request);
} catch (const StoreOutcomeUnknown& error) {
  return store_failed(request, error, false);
} catch (const StoreError& error) {
  return store_failed(request, error, true);
} catch (const std::exception& error) {
  if (context_.log != nullptr) {
    context_.log->event(LogLevel::kError, "admin_failed",
                        {{"reason", error.what()}, {"request_id", request.request_id}});
  }
  return error_answer(500, "internal/ERROR", "internal error; the log has the reason",
                      request.request_id);
}

SmallResponse SharedTokensApi::route(const SmallRequest& request) {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  if (path == "/console/session") {
    return answer_session(request);
  }
  RouteMatch match = match_api_route(request.method, path);
  if (path == "/openapi.json") {
    match.allow = "GET";
    if (request.method == "GET") {
      return json_answer(std::string(openapi_json()));
    }
  }
  if (match.allow.empty()) {
    return error_answer(404, "endpoints/UNKNOWN_ENDPOINT", "The endpoint doesn't exist",
                        request.request_id);
  }
  if (match.route == nullptr) {
    SmallResponse response =
        error_answer(405, "endpoints/METHOD_NOT_ALLOWED",
                     "this endpoint takes " + match.allow + " only", request.request_id);
    response.headers.emplace_back("allow", match.allow);
    return response;
  }
  return authenticate(request, match);
}

SmallResponse SharedTokensApi::authenticate(const SmallRequest& request, const RouteMatch& match) {
  const std::string_view secret = request.header("x-api-token");
  if (secret.empty() && !session_cookie(request, settings_.sessions.secure).empty()) {
    Sessions::Session session;
    if (!comes_from_console(request)) {
      return cross_site(request);
    }
    auto signed_in = find_signed_in(request, session);
    return signed_in ? permit(request, match, std::move(*signed_in)) : session_ended(request);
  }
  auto caller = find_api_token(context_.store, context_.keys, secret);
  const bool good = is_good(caller);
  if (limiter_ != nullptr) {
    for (const TokenDigest& digest : context_.keys.api_token_digests(secret)) {
      good ? limiter_->learn(digest, caller->account) : limiter_->forget(digest);
    }
  }
  if (!good) {
    return unauthenticated(request);
  }
  return permit(request, match, std::move(*caller));
}

SmallResponse SharedTokensApi::permit(const SmallRequest& request, const RouteMatch& match,
                                      ApiTokenRow caller) {
  if ((caller.permissions & (match.route->changes ? kSharedTokensWrite : kSharedTokensRead)) == 0) {
    return error_answer(403, "auth/INSUFFICIENT_PRIVILEGES", "Insufficient privileges",
                        request.request_id);
  }
  return carry_out(request, match, std::move(caller));
}

SmallResponse SharedTokensApi::carry_out(const SmallRequest& request, const RouteMatch& match,
                                         ApiTokenRow caller) {
  const TokenSettings& settings = settings_.of(caller.account);
  Call call{.request = request,
            .route = *match.route,
            .caller = std::move(caller),
            .settings = settings,
            .parameters = {}};
  if (auto refusal = check_form(call)) {
    return *refusal;
  }
  for (const auto& [text, out] :
       {std::pair(match.id_text, &call.id), std::pair(match.link_id_text, &call.link_id)}) {
    const auto id = text.empty() ? std::nullopt : parse_id(text);
    if (!text.empty() && !id) {
      return refuse(call, 400, "shared-tokens/INVALID_ID",
                    "the id in the path must be a whole number from 1 to 2147483647");
    }
    *out = id.value_or(0);
  }
  return match.route->answer(context_, call);
}

}  // namespace weir::proxy
