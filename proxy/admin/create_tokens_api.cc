// Shared tokens: one or several made. A client that names its token by a key of its own may ask
// again as often as it likes and gets the same one; its secret too, unless that is shown once.
#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "admin/changes.h"
#include "admin/operations.h"
#include "admin/requests.h"
#include "admin/token_limits.h"
#include "admin/token_rows.h"

namespace weir::proxy {
namespace {

/// The tokens of one request: what is made, and what was there already.
struct Batch {
  std::vector<ShownToken> shown;
  std::vector<Change> changes;  // of what is made
};

bool is_as_asked(const TokenRow& row, const CreateTokenRequest& request) {
  return row.name == request.name && row.filters == request.filters &&
         row.filters_operator == request.filters_operator && row.enabled == request.enabled &&
         row.limits == token_limits_json(request.limits) &&
         (!request.expiry.given || row.expires_at == request.expiry.at);
}

/// The token that an earlier request with the same key has made.
Refusal take_known(ApiContext& context, const Call& call, const CreateTokenRequest& request,
                   TokenRow row, Batch& batch) {
  const std::int32_t id = row.id;
  if (!is_as_asked(row, request)) {
    return refuse(call, 409, "shared-tokens/CLIENT_KEY_CONFLICT",
                  "token " + std::to_string(id) +
                      " has this client key and is not what is asked for; change that token, or "
                      "take another key",
                  {{"id", std::to_string(id)}});
  }
  auto known = show_token(context, call, std::move(row));
  if (!known) {
    return unreadable_secret(call, id);
  }
  batch.shown.push_back(std::move(*known));
  return std::nullopt;
}

TokenRow row_of(const CreateTokenRequest& request, const Call& call, Seconds now) {
  const auto ttl =
      std::chrono::duration_cast<std::chrono::seconds>(call.settings.default_ttl).count();
  TokenRow row;
  row.account = call.account();
  row.name = request.name;
  row.filters = request.filters;
  row.filters_operator = request.filters_operator;
  row.expires_at = request.expiry.given ? request.expiry.at : std::optional(now + ttl);
  row.enabled = request.enabled;
  row.limits = token_limits_json(request.limits);
  row.client_key = request.client_key;
  row.created_at = now;
  row.updated_at = now;
  return row;
}

/// REQUIRES: no token has the request's client key.
Refusal make_token(ApiContext& context, const Call& call, Transaction& work,
                   const CreateTokenRequest& request, Batch& batch) {
  const Seconds now = context.now();
  if (request.expiry.at && *request.expiry.at <= now) {
    return refuse_body(call, {{"", "`expirationDate` has passed already"}});
  }
  if (const std::size_t limit = call.settings.max_per_account;
      work.count_tokens(call.account()) >= limit) {
    return limit_reached(call, "shared tokens", limit);
  }
  std::vector<std::string> warnings;
  Refusal refusal = check_filters(call, work, request.filters);
  if (!refusal) {
    refusal = judge_new_filters(context, call, work, request.filters, {}, warnings);
  }
  if (refusal) {
    return refusal;
  }
  TokenRow row = row_of(request, call, now);
  auto secret = make_secret(context, row);
  if (!secret) {
    return empty_answer(503);
  }
  row.id = work.insert_token(row);
  if (!keep_secret(context, call, work, row, *secret)) {
    return empty_answer(503);
  }
  batch.changes.push_back({.token = row.id, .before = "", .after = token_record(row)});
  batch.shown.push_back({.row = std::move(row),
                         .secret = std::move(secret),
                         .now = now,
                         .warnings = std::move(warnings)});
  return std::nullopt;
}

/// All or nothing.
Refusal make_all(ApiContext& context, const Call& call,
                 const std::vector<CreateTokenRequest>& requests, Batch& batch) {
  const auto work = context.store.begin_write();
  for (const CreateTokenRequest& request : requests) {
    auto known = request.client_key
                     ? work->find_token_by_client_key(call.account(), *request.client_key)
                     : std::nullopt;
    auto refusal = known ? take_known(context, call, request, std::move(*known), batch)
                         : make_token(context, call, *work, request, batch);
    if (refusal) {
      return refusal;
    }
  }
  if (batch.changes.empty()) {
    return std::nullopt;
  }
  return bring_into_force(context, call, *work, batch.changes);
}

}  // namespace

SmallResponse create_token(ApiContext& context, const Call& call) {
  const auto wanted = parse_create_token(call.request.body);
  if (!wanted) {
    return refuse_body(call, wanted.problems());
  }
  CreateTokenRequest request = wanted.value();
  Batch batch;
  Refusal refusal = take_client_key(call, request.client_key);
  if (!refusal) {
    refusal = make_all(context, call, {std::move(request)}, batch);
  }
  if (refusal) {
    return *refusal;
  }
  SmallResponse response = json_answer(token_json(batch.shown.front()));
  add_etag(response, batch.shown.front().row.revision);
  return response;
}

SmallResponse create_tokens(ApiContext& context, const Call& call) {
  if (!call.request.header("idempotency-key").empty()) {
    return refuse(call, 400, "endpoints/INVALID_HEADER",
                  "Idempotency-Key is one key for several tokens; give each its `clientKey`");
  }
  const auto wanted = parse_create_tokens(call.request.body);
  if (!wanted) {
    return refuse_body(call, wanted.problems());
  }
  std::set<std::string> keys;
  for (const CreateTokenRequest& request : wanted.value()) {
    if (request.client_key && !keys.insert(*request.client_key).second) {
      return refuse_body(call, {{"", "the client key `" + *request.client_key +
                                         "` stands at two of the tokens; each needs its own"}});
    }
  }
  Batch batch;
  auto refusal = make_all(context, call, wanted.value(), batch);
  return refusal ? *refusal : json_answer(tokens_json(batch.shown));
}

}  // namespace weir::proxy
