// Numbers for /metrics, in Prometheus' text format. Labels are closed sets (routes, codes,
// listeners), so that no client can make a series.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::proxy {

enum class UpstreamError : std::uint8_t {
  kUnreachable,
  kTimeout,
  kProtocol,
  kTruncated,
  kPoolFull
};

/// Any thread. Must outlive everything that counts with it.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// One finished request. `listener`, `route`, `outcome` and `code` must come from static tables.
  void request(std::string_view listener, std::string_view route, std::string_view outcome,
               std::string_view code, std::chrono::microseconds duration, std::uint64_t bytes_in,
               std::uint64_t bytes_out);
  /// A request of the gate that was denied or failed. Both from static tables.
  void failure(std::string_view stage, std::string_view code);
  void upstream_error(UpstreamError error);
  void upstream_retry();
  void redecided();  // a token changed while the upstream was answering

  void connections(std::string_view listener, int change);
  void upstream_connections(int open_change, int busy_change);
  void upstream_waiters(int change);
  void tokens(std::size_t count);
  void policy_changed();
  void denials_dropped(std::size_t count);  // that the audit had no room for
  void log_lost(std::size_t total);         // lines, since the start

  /// The text for /metrics.
  std::string render() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::proxy
