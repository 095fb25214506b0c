// How many requests of each token are in flight in this process.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace weir::proxy {

/// Any thread.
class TokenLimiter {
 public:
  explicit TokenLimiter(std::uint32_t max_per_token) : max_(max_per_token) {}

  /// False when the token has its share already, of at most `most`; otherwise a release() is owed.
  bool acquire(std::uint32_t token_id,
               std::uint32_t most = std::numeric_limits<std::uint32_t>::max()) {
    Shard& shard = shards_[token_id % shards_.size()];
    std::lock_guard lock(shard.mutex);
    if (shard.counts.size() >= kKept) {
      std::erase_if(shard.counts, [](const auto& item) { return item.second == 0; });
    }
    std::uint32_t& count = shard.counts[token_id];
    if (count < std::min(max_, most)) {
      ++count;
      return true;
    }
    return false;
  }

  void release(std::uint32_t token_id) noexcept {
    Shard& shard = shards_[token_id % shards_.size()];
    std::lock_guard lock(shard.mutex);
    auto found = shard.counts.find(token_id);
    if (found != shard.counts.end()) --found->second;
  }

 private:
  // Tokens that were here lately keep their line, so that counting takes no memory; beyond so many
  // of them, those that are gone lose it.
  static constexpr std::size_t kKept = 1024;
  struct alignas(64) Shard {
    std::mutex mutex;
    std::unordered_map<std::uint32_t, std::uint32_t> counts;
  };
  std::uint32_t max_;
  std::array<Shard, 16> shards_;
};

/// One request's place, given back at the end. The limiter must outlive it.
class TokenSlot {
 public:
  TokenSlot() = default;
  TokenSlot(TokenSlot&& other) noexcept
      : limiter_(std::exchange(other.limiter_, nullptr)), token_id_(other.token_id_) {}
  TokenSlot& operator=(TokenSlot&& other) noexcept {
    release();
    limiter_ = std::exchange(other.limiter_, nullptr);
    token_id_ = other.token_id_;
    return *this;
  }
  ~TokenSlot() { release(); }

  /// Takes a place, unless this is one of the token's already.
  bool take(TokenLimiter& limiter, std::uint32_t token_id,
            std::uint32_t most = std::numeric_limits<std::uint32_t>::max()) {
    if (limiter_ != nullptr && token_id_ == token_id) return true;
    release();
    if (!limiter.acquire(token_id, most)) return false;
    limiter_ = &limiter;
    token_id_ = token_id;
    return true;
  }

 private:
  void release() noexcept {
    if (limiter_ != nullptr) limiter_->release(token_id_);
    limiter_ = nullptr;
  }

  TokenLimiter* limiter_ = nullptr;
  std::uint32_t token_id_ = 0;
};

}  // namespace weir::proxy
