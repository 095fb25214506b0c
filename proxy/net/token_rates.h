// How often tokens ask, for those that may only so often: a bucket for each, filled at the token's
// rate, that holds one second's worth and at least one request. Counted in this process only.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace weir::proxy {

/// Any thread.
class TokenRates {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// 0 if the request may go on; otherwise the whole seconds until one may. REQUIRES:
  /// `per_second` > 0.
  std::uint32_t take(std::uint32_t token_id, double per_second, Time now) {
    Shard& shard = shards_[token_id % shards_.size()];
    const std::lock_guard lock(shard.mutex);
    const double most = std::max(1.0, per_second);
    const auto [found, fresh] = shard.buckets.try_emplace(token_id, Bucket{most, now});
    Bucket& bucket = found->second;
    const double seconds = std::max(0.0, std::chrono::duration<double>(now - bucket.at).count());
    bucket.level = std::min(most, bucket.level + seconds * per_second);
    bucket.at = std::max(bucket.at, now);
    if (bucket.level >= 1) {
      bucket.level -= 1;
      return 0;
    }
    return static_cast<std::uint32_t>(std::ceil((1 - bucket.level) / per_second));
  }

 private:
  struct Bucket {
    double level;
    Time at;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::uint32_t, Bucket> buckets;  // of tokens with such a limit only
  };
  std::array<Shard, 16> shards_;
};

}  // namespace weir::proxy
