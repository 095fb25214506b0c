// What a presented secret may be stored as, under the keys there are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "weir/request.h"

namespace weir::proxy {

/// More keys than are ever needed at once; each costs a hash per request.
inline constexpr std::size_t kMaxKeys = 4;

/// One digest for each key, the active one's first. None if the cryptographic library fails.
class TokenDigests {
 public:
  const TokenDigest* begin() const noexcept { return all_.data(); }
  const TokenDigest* end() const noexcept { return all_.data() + size_; }
  std::size_t size() const noexcept { return size_; }
  /// Of the keys it was made with. Where KeyRing::generation() has moved on, others may be needed.
  std::uint64_t generation() const noexcept { return generation_; }

 private:
  friend class KeyRing;
  std::array<TokenDigest, kMaxKeys> all_{};
  std::size_t size_ = 0;
  std::uint64_t generation_ = 0;
};

}  // namespace weir::proxy
