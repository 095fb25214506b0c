// The Shared Tokens API: one whole request in, one whole answer out. Everything it changes is one
// transaction, compiled before it is committed and in force before it is answered.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/answers.h"
#include "admin/api_routes.h"
#include "admin/publisher.h"
#include "admin/usage.h"
#include "auth/key_ring.h"
#include "config/config.h"
#include "http/small_handler.h"
#include "store/store.h"

namespace weir::proxy {

class Log;

/// Control thread only. What it is given must outlive it.
class SharedTokensApi {
 public:
  struct Parts {
    Store& store;
    const KeyRing& keys;
    Publisher& publisher;
    const UsageBook& usage;
    Log* log = nullptr;
    std::function<Seconds()> now;
    Knowledge* knowledge = nullptr;  // null: filters are taken to be exact
  };
  SharedTokensApi(Parts parts, TokenSettings settings)
      : parts_(std::move(parts)), settings_(settings) {}

  /// Answers everything under the admin listener that nobody else does: the nine operations,
  /// `/openapi.json`, and 404 for the rest.
  SmallResponse answer(const SmallRequest& request) noexcept;

  void set_settings(TokenSettings settings) { settings_ = settings; }

 private:
  /// One authenticated request.
  struct Call {
    const SmallRequest& request;
    const ApiRoute& route;
    ApiTokenRow caller;
    std::int32_t id = 0;
  };

  SmallResponse route(const SmallRequest& request);
  SmallResponse authenticate(const SmallRequest& request, const ApiRoute& route,
                             std::string_view id_text);
  SmallResponse carry_out(const Call& call);

  SmallResponse get_all_tokens(const Call& call);
  SmallResponse create_token(const Call& call);
  SmallResponse get_token(const Call& call);
  SmallResponse update_token(const Call& call);
  SmallResponse delete_token(const Call& call);
  SmallResponse get_all_filters(const Call& call);
  SmallResponse create_filter(const Call& call);
  SmallResponse get_filter(const Call& call);
  SmallResponse delete_filter(const Call& call);

  /// Commits and publishes; an answer if that could not be.
  std::optional<SmallResponse> put_in_force(const Call& call, Transaction& work);
  /// An answer if one of the filters is not the account's.
  std::optional<SmallResponse> check_filters(const Call& call, Transaction& work,
                                             const std::vector<std::int32_t>& ids);
  /// An answer if a filter is exact in no index, or nobody can tell; `warnings` on where it is not.
  std::optional<SmallResponse> judge(const Call& call, const std::vector<Filter>& filters,
                                     std::vector<std::string>& warnings);
  /// The same for the filters with these ids. Those in `before` are not refused.
  std::optional<SmallResponse> judge(const Call& call, Transaction& work,
                                     const std::vector<std::int32_t>& ids,
                                     const std::vector<std::int32_t>& before,
                                     std::vector<std::string>& warnings);
  /// With its secret and the latest use; nothing if the secret cannot be read.
  std::optional<ShownToken> show(TokenRow row) const;
  void say(const Call& call, std::int32_t id, const std::string& widened = {});

  Parts parts_;
  TokenSettings settings_;
};

/// The OpenAPI document. Static storage.
std::string_view openapi_json() noexcept;

}  // namespace weir::proxy
