// When each token and each link was last used, how often, and how often it was denied something. The network
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
  /// `link_id` is 0 where the secret was the token's own.
  void note(std::uint32_t token_id, Seconds now, std::uint32_t link_id = 0) noexcept;
  /// One that was denied. It has been noted before, unless the token had expired.
  void note_denial(std::uint32_t token_id) noexcept;

  /// What has not reached the store yet, of which the last use is 0 if there was none.
  std::optional<TokenUse> pending(std::uint32_t token_id) const;
  /// `row` with that.
  void add_to(TokenRow& row) const;
  /// The last use that has not reached the store yet.
  std::optional<Seconds> latest(std::uint32_t token_id) const;

  void add_to(LinkRow& row) const;

  struct Written {
    std::vector<TokenUse> tokens;
    std::vector<LinkUse> links;
  };
  /// Writes everything noted so far with `work`; forget() it once that is committed.
  Written write(Transaction& work) const;
  void forget(const Written& written);
  /// Both, in a transaction of its own. On StoreError (passed on) it stays noted, for the next
  /// time.
  void flush(Store& store);

 private:
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint32_t, TokenUse> uses;
    std::unordered_map<std::uint32_t, Seconds> links;  // of tokens of this shard
  };
  static constexpr std::size_t kShards = 64;

  std::array<Shard, kShards> shards_;  // by token
};

}  // namespace weir::proxy
