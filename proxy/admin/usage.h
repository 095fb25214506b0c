// When each token was last used, how often, and how often it was denied something. The network
// threads note it here for every request; it reaches the store in batches, because a write per
// request would make the store the bottleneck of the gate.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "store/store.h"

namespace weir::proxy {

/// Any thread may call anything at any time.
class UsageBook {
 public:
  /// One request. Tens of nanoseconds; the lock is one of many and never held over I/O.
  void note(std::uint32_t token_id, Seconds now) noexcept;
  /// One that was denied. It has been noted before, unless the token had expired.
  void note_denial(std::uint32_t token_id) noexcept;

  /// What has not reached the store yet, of which the last use is 0 if there was none.
  std::optional<TokenUse> pending(std::uint32_t token_id) const;
  /// `row` with that.
  void add_to(TokenRow& row) const;
  /// The last use that has not reached the store yet.
  std::optional<Seconds> latest(std::uint32_t token_id) const;

  /// Writes everything noted so far with `work`; forget() it once that is committed.
  std::vector<TokenUse> write(Transaction& work) const;
  void forget(const std::vector<TokenUse>& written);
  /// Both, in a transaction of its own. On StoreError (passed on) it stays noted, for the next
  /// time.
  void flush(Store& store);

 private:
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint32_t, TokenUse> uses;
  };
  static constexpr std::size_t kShards = 64;

  std::array<Shard, kShards> shards_;
};

}  // namespace weir::proxy
