// Detailed tracing of some requests for a while: an account orders it for one of its tokens, one
// index or one route, with a sample rate and an end, and it ends by itself. Of this process only,
// and gone with it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::proxy {

/// INVARIANT: exactly one of `token`, `index` and `route` is given.
struct TraceOrder {
  std::uint32_t id = 0;
  std::string account;      // only requests of its tokens are traced
  std::uint32_t token = 0;  // 0: any
  std::string index;        // a name or a pattern; empty: any
  std::string route;        // of the route table; empty: any
  double sample = 1;        // of the requests, from 0 to 1
  std::int64_t until_ms = 0;
  std::uint64_t traced = 0;  // requests so far
};

/// A finished request. Views are used during the call only.
struct TraceSubject {
  std::string_view account;
  std::uint32_t token = 0;
  std::string_view route;
  std::string_view request_id;           // hexadecimal and random: the sample is drawn from it
  std::span<const std::string> indices;  // names and patterns
};

/// Any thread. Times are milliseconds since 1970.
class Tracer {
 public:
  static constexpr std::size_t kMaxOrders = 16;
  static constexpr std::size_t kMaxOrdersOfAccount = 4;

  /// False when nothing is to be traced. One relaxed load, for every request.
  bool on() const noexcept { return on_.load(std::memory_order_relaxed); }

  /// With its id; nothing if the account or the process has too many already.
  std::optional<TraceOrder> add(TraceOrder order, std::int64_t now_ms);
  /// Those of the account that have not ended.
  std::vector<TraceOrder> orders(std::string_view account, std::int64_t now_ms);
  /// False if there is none, or if it is another account's.
  bool remove(std::string_view account, std::uint32_t id, std::int64_t now_ms);

  /// The order that wants this request; 0 if none does. Counts it.
  std::uint32_t match(const TraceSubject& subject, std::int64_t now_ms) noexcept;

 private:
  void end_old(std::int64_t now_ms);

  std::atomic<bool> on_{false};
  std::mutex mutex_;
  std::vector<TraceOrder> orders_;
  std::uint32_t last_id_ = 0;
};

/// Whether a name that fits one of them could fit the other; `*` stands for anything.
bool index_patterns_meet(std::string_view a, std::string_view b) noexcept;

}  // namespace weir::proxy
