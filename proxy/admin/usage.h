// When each token was last used. The network threads note it here for every request; it reaches the
// store in batches, because a write per request would make the store the bottleneck of the gate.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/store.h"

namespace weir::proxy {

/// Any thread may call anything at any time.
class UsageBook {
 public:
  /// Tens of nanoseconds; the lock is one of many and never held over I/O.
  void note(std::uint32_t token_id, Seconds now) noexcept;

  /// The last use that has not reached the store yet.
  std::optional<Seconds> latest(std::uint32_t token_id) const;

  /// Writes everything noted so far in one transaction. On StoreError (passed on) it stays noted,
  /// for the next time.
  void flush(Store& store);

 private:
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint32_t, Seconds> last;
  };
  static constexpr std::size_t kShards = 64;

  std::vector<std::pair<std::uint32_t, Seconds>> copy() const;
  void forget(const std::vector<std::pair<std::uint32_t, Seconds>>& written);

  std::array<Shard, kShards> shards_;
};

}  // namespace weir::proxy
