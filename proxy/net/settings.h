// What the data plane has to know, as plain values: the configuration fills them in, the network
// code never reads a file or a flag. Every bound has a default that is safe to run with, and no
// value means "unlimited".
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/limits.h"

namespace weir::proxy {

using Millis = std::chrono::milliseconds;

/// Where to listen. Port 0 lets the system choose (Server::gate_port() tells).
struct ListenAddress {
  std::string host = "127.0.0.1";  // a literal IPv4 or IPv6 address
  std::uint16_t port = 0;
};

/// Files in PEM. No TLS when both are empty. Read at start and again at every reload.
struct ServerTls {
  std::string certificate_file;  // leaf first, then intermediates
  std::string key_file;
  bool require_tls13 = false;  // otherwise 1.2 is the oldest version spoken

  bool enabled() const noexcept { return !certificate_file.empty() || !key_file.empty(); }
};

/// Bounds of one listener. Times are whole-phase deadlines unless they say "idle".
struct ListenLimits {
  // Bytes of a request head, and header lines in it. Honest heads are below 2 kB plus the target.
  std::size_t max_head_bytes = 16U << 10U;
  std::size_t max_header_count = 64;
  // Bytes of a body on the wire, and after decompression.
  std::size_t max_body_bytes = 16U << 20U;
  std::size_t max_inflated_bytes = 16U << 20U;
  // Open client connections of the whole process on this listener.
  std::size_t max_connections = 4096;
  // Requests of one token in flight in this process.
  std::uint32_t max_requests_per_token = 64;
  // TLS handshake; from the first byte of a head to its end; the whole body.
  Millis handshake_timeout{10000};
  Millis head_timeout{10000};
  Millis body_timeout{30000};
  // A connection with no request on it.
  Millis idle_timeout{75000};
  // One piece of an answer that the client does not take.
  Millis write_timeout{30000};
  // Requests in flight when the drain begins.
  Millis drain_timeout{20000};
  // Whether a request may ask to go on with another protocol (WebSocket).
  bool upgrades = false;
};

struct GateSettings {
  ListenAddress listen{"127.0.0.1", 9600};
  ServerTls tls;
  ListenLimits limits;
};

/// The control plane's own listener: small whole requests.
struct AdminSettings {
  ListenAddress listen{"127.0.0.1", 9601};
  ServerTls tls;
  ListenLimits limits{
      .max_body_bytes = 1U << 20U, .max_inflated_bytes = 1U << 20U, .max_connections = 256};
  // Of a session of the console: without a request, and in all.
  Millis session_idle = std::chrono::minutes(30);
  Millis session_lifetime = std::chrono::hours(12);
};

enum class UpstreamCredential : std::uint8_t { kNone, kBasic, kHeaders };

/// The search cluster behind one account. A client certificate may be combined with any credential.
struct UpstreamSettings {
  std::string name =
      "default";  // Verdict::account() is looked up by it; the first of the list is the fallback
  bool tls = false;
  std::string host = "127.0.0.1";
  std::uint16_t port = 9200;
  std::string path_prefix;  // "" or "/prefix", no slash at the end

  std::string ca_file;  // empty: the system's authorities
  bool verify = true;   // certificate chain and host name
  std::string client_certificate_file;
  std::string client_key_file;

  UpstreamCredential credential = UpstreamCredential::kNone;
  std::string basic_user;
  std::string basic_password;
  std::vector<std::pair<std::string, std::string>> headers;  // for kHeaders: sent as they are

  // Open connections per worker thread, requests waiting for one beyond that, and how long they
  // wait.
  std::size_t max_connections = 64;
  std::size_t max_waiters = 1024;
  Millis pool_wait_timeout{5000};
  // Kept for reuse this long; below the keep-alive of any proxy in between.
  Millis idle_timeout{30000};
  Millis connect_timeout{3000};     // resolve, connect and TLS handshake together
  Millis write_timeout{30000};      // one piece of a request
  Millis head_timeout{60000};       // from the end of the request to the end of the response head
  Millis body_idle_timeout{30000};  // between two pieces of a response
  // An answer whose head is larger is refused.
  std::size_t max_head_bytes = 64U << 10U;
};

enum class SameSite : std::uint8_t { kLax, kNone };

/// Where browsers come in. Off until there is an address.
struct FrontSettings {
  std::optional<ListenAddress> listen;
  ServerTls tls;
  ListenLimits limits{.max_head_bytes = 32U << 10U,
                      .max_header_count = 96,
                      .max_body_bytes = 4U << 20U,
                      .max_inflated_bytes = 4U << 20U,
                      .upgrades = true};
  // What browsers call it: "http[s]://host[:port]". Empty: any host they ask for.
  std::string url;
  SameSite same_site = SameSite::kLax;
  bool marker = true;  // "shared view", on the pages
  // OpenSearch Dashboards; without one the built-in viewer is served.
  std::optional<UpstreamSettings> dashboards;
};

struct ServerSettings {
  GateSettings gate;
  AdminSettings admin;
  FrontSettings front;
  std::vector<UpstreamSettings> upstreams;  // at least one
  std::size_t worker_threads = 0;           // 0: one per core
  Limits engine_limits;
  // Bytes of request bodies held by the whole process at one time.
  std::size_t max_buffered_bytes = 512U << 20U;
  // Fields of visible documents that were found longer ago are looked for anew; 0: every time.
  Millis fields_refresh{10000};
};

}  // namespace weir::proxy
