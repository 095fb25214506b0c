// The keys of one store: one is active and makes everything new, the others open what was made
// before. Which one is active stands in the store, so that all servers over it agree; a key is put
// into every server's ring before it becomes active, and taken out when no row needs it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/derived_key.h"
#include "auth/token_digests.h"

namespace weir::proxy {

/// Several keys as one value.
using DerivedKeys = std::vector<std::shared_ptr<const DerivedKey>>;

/// Any thread may call anything at any time, but the keys are changed by one thread. Nothing throws
/// except std::bad_alloc.
class KeyRing {
 public:
  /// `masters` newest first; the newest is active until activate(). Null if the cryptographic
  /// library refuses. REQUIRES: at least one.
  static std::unique_ptr<KeyRing> derive(std::span<const MasterKey> masters);
  static std::unique_ptr<KeyRing> derive(const MasterKey& master) {
    return derive(std::span(&master, 1));
  }
  ~KeyRing();
  KeyRing(const KeyRing&) = delete;
  KeyRing& operator=(const KeyRing&) = delete;

  // --- under the active key; nothing if the library fails
  std::optional<TokenDigest> token_digest(std::string_view secret) const noexcept;
  std::optional<TokenDigest> api_token_digest(std::string_view secret) const noexcept;
  std::optional<std::string> seal_secret(std::uint32_t token_id, const Secret& secret) const;

  // --- under every key. The work is the same whichever key it was, and whether it was any.
  TokenDigests token_digests(std::string_view secret) const noexcept;
  TokenDigests api_token_digests(std::string_view secret) const noexcept;
  std::optional<Secret> open_secret(std::uint32_t token_id, std::string_view sealed) const;

  /// Seals under the active key, opens what any has sealed. Lives as long as this.
  const Sealer& cursor_sealer() const noexcept { return sealer_; }

  /// Of the active key: 32 bytes to compare.
  std::string fingerprint() const;
  /// All of them, newest first.
  DerivedKeys keys() const;
  std::shared_ptr<const DerivedKey> active() const;
  /// Grows with every change of the keys.
  std::uint64_t generation() const noexcept { return generation_.load(); }

  /// False, and nothing changes, if there is no key with this fingerprint.
  bool activate(std::string_view fingerprint);
  /// Takes over other keys; the active one stays active where it is among them. REQUIRES: at least
  /// one, at most kMaxKeys.
  void replace(DerivedKeys keys);

 private:
  class AnySealer final : public Sealer {
   public:
    explicit AnySealer(const KeyRing& ring) : ring_(ring) {}
    bool seal(const SealContext& context, std::string_view plain,
              std::string& out) const noexcept override;
    bool open(const SealContext& context, std::string_view sealed,
              std::string& out) const noexcept override;

   private:
    const KeyRing& ring_;
  };
  struct Set {
    DerivedKeys keys;
    std::size_t active = 0;
    std::uint64_t generation = 0;
  };

  explicit KeyRing(std::shared_ptr<const Set> set) : set_(std::move(set)), sealer_(*this) {}
  using MakeDigest = std::optional<TokenDigest> (DerivedKey::*)(std::string_view) const noexcept;

  std::shared_ptr<const Set> set() const;
  TokenDigests digests(std::string_view secret, MakeDigest make) const noexcept;
  void put(Set next);

  mutable std::mutex mutex_;
  std::shared_ptr<const Set> set_;
  std::atomic<std::uint64_t> generation_{0};
  AnySealer sealer_;
};

/// What the secret of a link is sealed under: no token has such an id.
constexpr std::uint32_t link_secret_id(std::int32_t link_id) noexcept {
  return 0x80000000U | static_cast<std::uint32_t>(link_id);
}

/// The keys of masters, newest first. Empty if the cryptographic library refuses.
DerivedKeys derive_keys(std::span<const MasterKey> masters);

/// Which of the keys made it; null if none of them did. A digest without a tag counts as made by
/// the plain key among them.
const DerivedKey* maker_of(const TokenDigest& digest, const DerivedKeys& keys);
const DerivedKey* sealer_of(std::string_view sealed_secret, const DerivedKeys& keys);

/// A new secret: 128 random bits as lower-case hexadecimal digits in the groups 8-4-4-4-12, the
/// form that clients of the published API have always been given. Nothing if the system gives no
/// random bytes.
std::optional<Secret> generate_secret();

}  // namespace weir::proxy
