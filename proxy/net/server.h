// The data plane as one object: listeners, worker threads, upstream pools. main.cc builds it and
// hands it everything it may use; it knows neither the configuration file nor the store.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "auth/token_digests.h"
#include "http/small_handler.h"
#include "net/settings.h"
#include "net/shared_policy.h"
#include "weir/request.h"

namespace weir::proxy {

class Log;
class Metrics;
class Tracer;

/// A request that was refused for what it is. Views are used during the call only.
struct Denial {
  std::uint32_t token_id = 0;  // an expired one too
  std::string_view account;
  std::string_view route;
  std::string_view code;
  std::string_view request_id;
};

/// What the server calls. Nothing here may throw, but for `reload`.
struct ServerHooks {
  /// The keyed hashes of a presented token, and whether they have to be made anew: this moves
  /// before a policy is in force that needs others. Any network thread, several at once; must not
  /// block.
  std::function<TokenDigests(std::string_view token)> digests;
  std::function<std::uint64_t()> key_generation;
  /// Called once for each request of a valid token. Any network thread, several at once; must not
  /// block.
  /// `link_id` is 0 where the secret is the token's own.
  std::function<void(std::uint32_t token_id, std::uint32_t link_id, std::int64_t now_seconds)> used;
  /// Called for each denial of a request with a token that is or was valid, before it is answered.
  /// Any network thread, several at once; must not block.
  std::function<void(const Denial& denial)> denied = nullptr;
  /// What is to be traced; null: nothing. Must outlive the server.
  Tracer* tracer = nullptr;
  /// A call of the admin listener has arrived with this API token (empty: none). Holds the call's
  /// place until it is answered; null when there are too many. Any network thread, several at once;
  /// must not block.
  std::function<std::shared_ptr<void>(std::string_view api_token)> enter = nullptr;
  /// Serves the admin listener, but for /metrics, /healthz and /readyz. Control thread.
  SmallHandler admin;
  /// SIGHUP. Control thread. The TLS files have been read again before it is called. A
  /// std::exception says, in the log, that the reload was refused.
  std::function<void()> reload;
};

class Server {
 public:
  /// `policy`, `log`, `metrics` and `sealer` (may be null: no cursors) must outlive the server.
  /// Throws std::runtime_error with a text for people if the settings cannot work (a TLS file, a
  /// header value).
  Server(ServerSettings settings, SharedPolicy& policy, const Sealer* sealer, Log& log,
         Metrics& metrics, ServerHooks hooks);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds the listeners. From here on connections queue up. Throws std::runtime_error if an
  /// address is not free.
  void bind();
  /// Where bind() ended up.
  std::uint16_t gate_port() const;
  std::uint16_t admin_port() const;
  std::uint16_t front_port() const;  // 0: there is no front

  /// Who may embed the front's pages, by account, as the sources of a `frame-ancestors` directive.
  /// Accounts that are not in it: the front itself. Any thread.
  void set_embedders(std::map<std::string, std::string> sources);

  /// Serves until a stop has been carried out. REQUIRES: bind(). Blocks; SIGTERM and SIGINT drain
  /// and a second one stops at once, SIGHUP reloads.
  void run();

  /// Begins the drain: no new connections, requests in flight end within the drain time. Any
  /// thread.
  void stop();

  /// Runs `job` on the control thread, in turn with admin requests and reloads. Any thread, after
  /// bind().
  void post_control(std::function<void()> job);

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::proxy
