// The Shared Tokens API: one whole request in, one whole answer out. Everything it changes is one
// transaction, compiled before it is committed and in force before it is answered. What stands here
// is the way to an operation; the operations are in operations.h.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "admin/call.h"
#include "admin/call_limiter.h"
#include "admin/sessions.h"

namespace weir::proxy {

/// What holds for each account; `other` for one that is not named.
struct ApiSettings {
  std::map<std::string, TokenSettings> accounts = {};
  TokenSettings other = {};
  SessionSettings sessions = {};

  const TokenSettings& of(const std::string& account) const {
    const auto found = accounts.find(account);
    return found == accounts.end() ? other : found->second;
  }
};

/// Control thread only. What it is given must outlive it.
class SharedTokensApi {
 public:
  /// `limiter` (may be null) learns which account an API token belongs to.
  SharedTokensApi(ApiContext context, CallLimiter* limiter, ApiSettings settings)
      : context_(std::move(context)), limiter_(limiter), settings_(std::move(settings)) {}

  /// Answers everything under the admin listener that nobody else does: the operations of the
  /// table, the sessions of the console, `/openapi.json`, and 404 for the rest.
  SmallResponse answer(const SmallRequest& request) noexcept;

  /// Whom to wait for before a change is answered; null: nobody.
  void set_fleet(Fleet* fleet) noexcept { context_.fleet = fleet; }

  void set_settings(ApiSettings settings) { settings_ = std::move(settings); }

 private:
  SmallResponse route(const SmallRequest& request);
  SmallResponse answer_session(const SmallRequest& request);
  SmallResponse sign_in(const SmallRequest& request);
  SmallResponse sign_out(const SmallRequest& request);
  std::string session_json(const ApiTokenRow& caller, const Sessions::Session& session) const;
  bool is_good(const std::optional<ApiTokenRow>& caller) const;
  std::optional<ApiTokenRow> find_signed_in(const SmallRequest& request,
                                            Sessions::Session& session);
  SmallResponse session_ended(const SmallRequest& request) const;
  SmallResponse authenticate(const SmallRequest& request, const RouteMatch& match);
  SmallResponse carry_out(const SmallRequest& request, const RouteMatch& match, ApiTokenRow caller);
  SmallResponse permit(const SmallRequest& request, const RouteMatch& match, ApiTokenRow caller);
  SmallResponse store_failed(const SmallRequest& request, const StoreError& error, bool known);

  ApiContext context_;
  CallLimiter* limiter_;
  ApiSettings settings_;
  Sessions sessions_;
};

/// The OpenAPI document. Static storage.
std::string_view openapi_json() noexcept;

}  // namespace weir::proxy
