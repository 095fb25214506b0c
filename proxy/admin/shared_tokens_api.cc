#include "admin/shared_tokens_api.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "admin/requests.h"
#include "admin/widening.h"
#include "http/response_head.h"
#include "http/small_error.h"
#include "observe/log.h"

namespace weir::proxy {
namespace {

SmallResponse json(std::string body) {
  SmallResponse response;
  response.body = std::move(body);
  return response;
}

SmallResponse empty(int status) {
  SmallResponse response;
  response.status = status;
  response.content_type.clear();
  return response;
}

std::optional<std::int32_t> parse_id(std::string_view text) {
  std::int32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id <= 0) {
    return std::nullopt;
  }
  return id;
}

std::string joined(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += (text.empty() ? "" : "; ") + problem.what;
  }
  return text;
}

SmallResponse bad_body(const SmallRequest& request, const std::vector<Problem>& problems) {
  return error_answer(400, "shared-tokens/INVALID_BODY", joined(problems), request.request_id);
}

/// The published text: not found is 400, and the same for what belongs to another account.
SmallResponse not_found(std::string_view kind, std::int32_t id, const std::string& account,
                        const SmallRequest& request) {
  const std::string code =
      kind == "token" ? "shared-tokens/TOKEN_NOT_FOUND" : "shared-tokens/FILTER_NOT_FOUND";
  return error_answer(
      400, code,
      std::string(kind) + " with id " + std::to_string(id) + " not found for account " + account,
      request.request_id, {{"id", std::to_string(id)}, {"account", account}});
}

SmallResponse limit_reached(const std::string& what, std::size_t limit,
                            const SmallRequest& request) {
  return error_answer(
      400, "shared-tokens/LIMIT_REACHED",
      "the account has " + std::to_string(limit) + " " + what + ", which is the limit; delete some",
      request.request_id, {{"currentLimit", std::to_string(limit)}});
}

SmallResponse unreadable_secret(std::int32_t id, const SmallRequest& request) {
  return error_answer(500, "shared-tokens/SECRET_UNREADABLE",
                      "the secret of token " + std::to_string(id) +
                          " cannot be read with this key file; delete the token",
                      request.request_id);
}

SmallResponse unfiltered_denied(const SmallRequest& request) {
  return error_answer(400, "shared-tokens/UNFILTERED_DENIED",
                      "tokens without a filter are switched off here (`tokens.unfiltered`); attach "
                      "at least one filter",
                      request.request_id);
}

Access access_of(const TokenRow& row, Transaction& work) {
  Access access{{}, row.filters_operator, row.expires_at};
  for (const std::int32_t id : row.filters) {
    if (auto filter = work.find_filter(row.account, id)) {
      access.filters.push_back({std::move(filter->field), std::move(filter->value)});
    }
  }
  return access;
}

}  // namespace

SmallResponse SharedTokensApi::answer(const SmallRequest& request) noexcept try {
  return route(request);
} catch (const StoreError& error) {
  if (parts_.log != nullptr) {
    parts_.log->event(LogLevel::kError, "store_failed",
                      {{"reason", error.what()}, {"request_id", request.request_id}});
  }
  // The details (paths, SQLite's text) are for the operator's log; the cause is for both.
  const std::string_view text = error.what();
  SmallResponse response = error_answer(
      503, "shared-tokens/STORE_UNAVAILABLE",
      std::string(text.substr(0, text.find(" ("))) + "; nothing was changed", request.request_id);
  response.headers.emplace_back("retry-after", "5");
  return response;
} catch (const std::exception& error) {
  if (parts_.log != nullptr) {
    parts_.log->event(LogLevel::kError, "admin_failed",
                      {{"reason", error.what()}, {"request_id", request.request_id}});
  }
  return error_answer(500, "internal/ERROR", "internal error; the log has the reason",
                      request.request_id);
}

SmallResponse SharedTokensApi::route(const SmallRequest& request) {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  RouteMatch match = match_api_route(request.method, path);
  if (path == "/openapi.json") {
    match.allow = "GET";
    if (request.method == "GET") {
      return json(std::string(openapi_json()));
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
  return authenticate(request, *match.route, match.id_text);
}

SmallResponse SharedTokensApi::authenticate(const SmallRequest& request, const ApiRoute& route,
                                            std::string_view id_text) {
  const std::string_view secret = request.header("x-api-token");
  const auto digest = parts_.keys.api_token_digest(secret);
  std::optional<ApiTokenRow> caller;
  if (!secret.empty() && digest) {
    caller = parts_.store.begin_read()->find_api_token(*digest);
  }
  const bool good = caller && (!caller->expires_at || *caller->expires_at > parts_.now()) &&
                    parts_.publisher.has_account(caller->account);
  if (!good) {
    SmallResponse response =
        error_answer(401, "auth/UNAUTHENTICATED",
                     "a valid API token is required in the header X-API-TOKEN", request.request_id);
    response.headers.emplace_back("www-authenticate", "ApiToken header=\"X-API-TOKEN\"");
    return response;
  }
  if ((caller->permissions & (route.changes ? kSharedTokensWrite : kSharedTokensRead)) == 0) {
    return error_answer(403, "auth/INSUFFICIENT_PRIVILEGES", "Insufficient privileges",
                        request.request_id);
  }
  if (request.target.find('?') != std::string::npos) {
    return error_answer(400, "endpoints/UNKNOWN_PARAMETER", "this endpoint takes no URI parameters",
                        request.request_id);
  }
  const bool takes_body = route.method == "POST" || route.method == "PUT";
  if (takes_body && !request.body.empty() && !is_json(request.header("content-type"))) {
    return error_answer(415, "endpoints/UNSUPPORTED_MEDIA_TYPE",
                        "send `Content-Type: application/json`", request.request_id);
  }
  Call call{request, route, std::move(*caller)};
  if (route.path.ends_with("{id}")) {
    const auto id = parse_id(id_text);
    if (!id) {
      return error_answer(400, "shared-tokens/INVALID_ID",
                          "the id in the path must be a whole number from 1 to 2147483647",
                          request.request_id);
    }
    call.id = *id;
  }
  return carry_out(call);
}

SmallResponse SharedTokensApi::carry_out(const Call& call) {
  switch (call.route.operation) {
    case Operation::kGetAllTokens:
      return get_all_tokens(call);
    case Operation::kCreateToken:
      return create_token(call);
    case Operation::kGetToken:
      return get_token(call);
    case Operation::kUpdateToken:
      return update_token(call);
    case Operation::kDeleteToken:
      return delete_token(call);
    case Operation::kGetAllFilters:
      return get_all_filters(call);
    case Operation::kCreateFilter:
      return create_filter(call);
    case Operation::kGetFilter:
      return get_filter(call);
    case Operation::kDeleteFilter:
      return delete_filter(call);
  }
  return empty(500);
}

std::optional<SmallResponse> SharedTokensApi::put_in_force(const Call& call, Transaction& work) {
  auto prepared = parts_.publisher.prepare(work);
  if (!prepared) {
    if (parts_.log != nullptr) {
      parts_.log->event(
          LogLevel::kError, "policy_refused",
          {{"reason", joined(prepared.problems())}, {"request_id", call.request.request_id}});
    }
    return error_answer(500, "shared-tokens/POLICY_REFUSED",
                        "the change does not make a valid policy and was not carried out: " +
                            joined(prepared.problems()),
                        call.request.request_id);
  }
  work.commit();
  parts_.publisher.publish(std::move(prepared).value());
  return std::nullopt;
}

std::optional<SmallResponse> SharedTokensApi::check_filters(const Call& call, Transaction& work,
                                                            const std::vector<std::int32_t>& ids) {
  for (const std::int32_t id : ids) {
    if (!work.find_filter(call.caller.account, id)) {
      return not_found("filter", id, call.caller.account, call.request);
    }
  }
  return std::nullopt;
}

std::optional<ShownToken> SharedTokensApi::show(TokenRow row) const {
  auto secret = parts_.keys.open_secret(static_cast<std::uint32_t>(row.id), row.sealed_secret);
  if (!secret) {
    return std::nullopt;
  }
  if (const auto latest = parts_.usage.latest(static_cast<std::uint32_t>(row.id));
      latest && (!row.last_used || *latest > *row.last_used)) {
    row.last_used = latest;
  }
  return ShownToken{std::move(row), std::move(*secret), std::nullopt, {}};
}

void SharedTokensApi::say(const Call& call, std::int32_t id, const std::string& widened) {
  if (parts_.log != nullptr) {
    parts_.log->event(LogLevel::kInfo, "shared_tokens_changed",
                      {{"operation", call.route.id},
                       {"id", std::to_string(id)},
                       {"account", call.caller.account},
                       {"api_token", std::to_string(call.caller.id)},
                       {"widened", widened},
                       {"request_id", call.request.request_id}});
  }
}

SmallResponse SharedTokensApi::get_all_tokens(const Call& call) {
  std::vector<ShownToken> shown;
  for (TokenRow& row : parts_.store.begin_read()->tokens(call.caller.account)) {
    const std::int32_t id = row.id;
    auto token = show(std::move(row));
    if (!token) {
      return unreadable_secret(id, call.request);
    }
    shown.push_back(std::move(*token));
  }
  return json(tokens_json(shown));
}

SmallResponse SharedTokensApi::get_token(const Call& call) {
  auto row = parts_.store.begin_read()->find_token(call.caller.account, call.id);
  if (!row) {
    return not_found("token", call.id, call.caller.account, call.request);
  }
  const auto token = show(std::move(*row));
  return token ? json(token_json(*token)) : unreadable_secret(call.id, call.request);
}

SmallResponse SharedTokensApi::create_token(const Call& call) {
  const auto wanted = parse_create_token(call.request.body);
  if (!wanted) {
    return bad_body(call.request, wanted.problems());
  }
  const CreateTokenRequest& request = wanted.value();
  const Seconds now = parts_.now();
  if (request.expiry.at && *request.expiry.at <= now) {
    return bad_body(call.request, {{"", "`expirationDate` has passed already"}});
  }
  if (request.filters.empty() && settings_.unfiltered == Unfiltered::kDeny) {
    return unfiltered_denied(call.request);
  }
  const auto work = parts_.store.begin_write();
  if (work->count_tokens(call.caller.account) >= settings_.max_per_account) {
    return limit_reached("shared tokens", settings_.max_per_account, call.request);
  }
  if (auto wrong = check_filters(call, *work, request.filters)) {
    return *wrong;
  }
  std::vector<std::string> warnings;
  if (auto wrong = judge(call, *work, request.filters, {}, warnings)) {
    return *wrong;
  }
  auto secret = generate_secret();
  const auto digest = secret ? parts_.keys.token_digest(secret->unsafe_reveal()) : std::nullopt;
  if (!digest) {
    return empty(503);
  }
  TokenRow row;
  row.account = call.caller.account;
  row.name = request.name;
  row.digest = *digest;
  row.filters = request.filters;
  row.filters_operator = request.filters_operator;
  row.expires_at =
      request.expiry.given
          ? request.expiry.at
          : now + std::chrono::duration_cast<std::chrono::seconds>(settings_.default_ttl).count();
  row.id = work->insert_token(row);
  const auto sealed = parts_.keys.seal_secret(static_cast<std::uint32_t>(row.id), *secret);
  if (!sealed) {
    return empty(503);
  }
  work->set_sealed_secret(row.id, *sealed);
  if (auto wrong = put_in_force(call, *work)) {
    return *wrong;
  }
  say(call, row.id);
  return json(token_json({std::move(row), std::move(*secret), std::nullopt, std::move(warnings)}));
}

SmallResponse SharedTokensApi::update_token(const Call& call) {
  const auto wanted = parse_update_token(call.request.body);
  if (!wanted) {
    return bad_body(call.request, wanted.problems());
  }
  const UpdateTokenRequest& request = wanted.value();
  const auto work = parts_.store.begin_write();
  auto row = work->find_token(call.caller.account, call.id);
  if (!row) {
    return not_found("token", call.id, call.caller.account, call.request);
  }
  if (request.name && *request.name != row->name) {
    return bad_body(
        call.request,
        {{"", "a shared token cannot be renamed; leave the name out or create another token"}});
  }
  if (request.filters.empty() && settings_.unfiltered == Unfiltered::kDeny) {
    return unfiltered_denied(call.request);
  }
  if (auto wrong = check_filters(call, *work, request.filters)) {
    return *wrong;
  }
  std::vector<std::string> warnings;
  if (auto wrong = judge(call, *work, request.filters, row->filters, warnings)) {
    return *wrong;
  }
  const Access before = access_of(*row, *work);
  row->filters = request.filters;
  row->filters_operator = request.filters_operator.value_or(row->filters_operator);
  if (request.expiry.given) {
    row->expires_at = request.expiry.at;
  }
  const bool widened = widens(before, access_of(*row, *work), settings_.unfiltered);
  work->update_token(*row);
  auto shown = show(std::move(*row));
  if (!shown) {
    return unreadable_secret(call.id, call.request);
  }
  if (auto wrong = put_in_force(call, *work)) {
    return *wrong;
  }
  say(call, call.id, widened ? std::to_string(call.id) : "");
  shown->widened = widened;
  shown->warnings = std::move(warnings);
  SmallResponse response = json(token_json(*shown));
  if (widened) {
    response.headers.emplace_back("x-weir-widened", std::to_string(call.id));
  }
  return response;
}

SmallResponse SharedTokensApi::delete_token(const Call& call) {
  const auto work = parts_.store.begin_write();
  if (!work->delete_token(call.caller.account, call.id)) {
    return not_found("token", call.id, call.caller.account, call.request);
  }
  if (auto wrong = put_in_force(call, *work)) {
    return *wrong;
  }
  say(call, call.id);
  return empty(204);
}

SmallResponse SharedTokensApi::get_all_filters(const Call& call) {
  return json(filters_json(parts_.store.begin_read()->filters(call.caller.account)));
}

SmallResponse SharedTokensApi::get_filter(const Call& call) {
  const auto row = parts_.store.begin_read()->find_filter(call.caller.account, call.id);
  return row ? json(filter_json(*row))
             : not_found("filter", call.id, call.caller.account, call.request);
}

SmallResponse SharedTokensApi::create_filter(const Call& call) {
  const auto wanted = parse_create_filter(call.request.body);
  if (!wanted) {
    return bad_body(call.request, wanted.problems());
  }
  const auto work = parts_.store.begin_write();
  if (work->count_filters(call.caller.account) >= settings_.max_filters_per_account) {
    return limit_reached("filters", settings_.max_filters_per_account, call.request);
  }
  const CreateFilterRequest& request = wanted.value();
  std::vector<std::string> warnings;
  if (auto wrong = judge(call, {{request.field, request.value}}, warnings)) {
    return *wrong;
  }
  FilterRow row;
  row.account = call.caller.account;
  row.field = request.field;
  row.value = request.value;
  row.description = request.description;
  row.literal = request.literal;
  row.id = work->insert_filter(row);
  // No token has it yet, so the policy in force stays as it is.
  work->commit();
  say(call, row.id);
  return json(filter_json(row, warnings));
}

SmallResponse SharedTokensApi::delete_filter(const Call& call) {
  const auto work = parts_.store.begin_write();
  const auto filter = work->find_filter(call.caller.account, call.id);
  if (!filter) {
    return not_found("filter", call.id, call.caller.account, call.request);
  }
  std::string widened;
  for (TokenRow& row : work->delete_filter(call.caller.account, call.id)) {
    std::erase(row.filters, call.id);
    const Access after = access_of(row, *work);
    Access before = after;
    before.filters.push_back({filter->field, filter->value});
    if (widens(before, after, settings_.unfiltered)) {
      widened += (widened.empty() ? "" : ", ") + std::to_string(row.id);
    }
  }
  if (auto wrong = put_in_force(call, *work)) {
    return *wrong;
  }
  say(call, call.id, widened);
  SmallResponse response = empty(200);
  if (!widened.empty()) {
    response.headers.emplace_back("x-weir-widened", widened);
  }
  return response;
}

}  // namespace weir::proxy
