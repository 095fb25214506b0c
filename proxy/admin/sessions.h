// Who is signed in to the console: a random id in a cookie stands for an API token, for a while.
// Kept in memory by the process that gave it, and only as a keyed hash; what the API token may do
// is looked up anew for each request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "auth/key_ring.h"
#include "auth/secret.h"
#include "http/small_handler.h"
#include "net/settings.h"

namespace weir::proxy {

struct SessionSettings {
  Millis idle = AdminSettings{}.session_idle;
  Millis lifetime = AdminSettings{}.session_lifetime;
  bool secure = false;  // the listener speaks TLS: the cookie goes nowhere else
};

/// Control thread only. Times are milliseconds since 1970.
class Sessions {
 public:
  struct Session {
    std::int32_t api_token = 0;
    std::int64_t started_ms = 0;
    std::int64_t used_ms = 0;
  };

  /// Nothing if the system gives no random bytes. The oldest session makes room where there are too
  /// many.
  std::optional<Secret> open(const KeyRing& keys, std::int32_t api_token, std::int64_t now_ms,
                             const SessionSettings& settings);
  /// The session that is meant, which counts as used now; nothing if it has ended.
  std::optional<Session> use(const KeyRing& keys, std::string_view id, std::int64_t now_ms,
                             const SessionSettings& settings);
  void close(const KeyRing& keys, std::string_view id);

 private:
  struct DigestOrder {
    bool operator()(const TokenDigest& a, const TokenDigest& b) const noexcept {
      return a.bytes < b.bytes;
    }
  };
  void drop_ended(std::int64_t now_ms, const SessionSettings& settings);

  std::map<TokenDigest, Session, DigestOrder> sessions_;
};

/// The session's id in the request's cookie; empty if there is none, or more than one.
std::string_view session_cookie(const SmallRequest& request, bool secure);
/// The value of `Set-Cookie` that gives `id` to the browser, or with an empty one takes it away.
std::string set_session_cookie(std::string_view id, const SessionSettings& settings);

/// Whether the request can only come from the console's own pages: it carries a header that other
/// sites cannot send without being asked first (and nobody says yes), and the browser does not say
/// that it comes from elsewhere.
bool comes_from_console(const SmallRequest& request);
/// The answer to one that does not.
SmallResponse cross_site(const SmallRequest& request);

}  // namespace weir::proxy
