// Every key in use, derived from the master key by HKDF-SHA256 under a label of its own, so that a
// value made for one purpose is meaningless for another.
//
// Secrets of shared tokens must be shown again on every read (the published contract), so they are
// stored encrypted; finding a token by what a client presents goes by a keyed hash, so that the
// store alone tells nothing and no look-up compares secrets byte by byte.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/key_file.h"
#include "auth/secret.h"
#include "weir/request.h"

namespace weir::proxy {

/// Immutable; use from any thread. Nothing throws except std::bad_alloc.
class KeyRing {
 public:
  /// Null if the cryptographic library refuses (for instance, an algorithm is not available).
  static std::unique_ptr<const KeyRing> derive(const MasterKey& master);
  ~KeyRing();
  KeyRing(const KeyRing&) = delete;
  KeyRing& operator=(const KeyRing&) = delete;

  /// The look-up digest of a shared token's secret; nothing if the library fails (then nobody is
  /// let in).
  std::optional<TokenDigest> token_digest(std::string_view secret) const noexcept;

  /// The same for API tokens, under another key.
  std::optional<TokenDigest> api_token_digest(std::string_view secret) const noexcept;

  /// AES-256-GCM with a random nonce, bound to the token's id: a row copied over another does not
  /// open.
  std::optional<std::string> seal_secret(std::uint32_t token_id, const Secret& secret) const;
  std::optional<Secret> open_secret(std::uint32_t token_id, std::string_view sealed) const;

  /// Says which master key made a store, without telling the key: 32 bytes to compare.
  std::string fingerprint() const;

  /// Seals upstream cursor ids for the engine. Lives as long as this.
  const Sealer& cursor_sealer() const noexcept;

 private:
  class Hmac;
  class CursorSealer;
  KeyRing();

  std::unique_ptr<const Hmac> tokens_;
  std::unique_ptr<const Hmac> api_tokens_;
  std::unique_ptr<const CursorSealer> sealer_;
  std::array<std::uint8_t, 32> secrets_key_{};
  std::string fingerprint_;
};

/// A new secret: 128 random bits as lower-case hexadecimal digits in the groups 8-4-4-4-12, the
/// form that clients of the published API have always been given. Nothing if the system gives no
/// random bytes.
std::optional<Secret> generate_secret();

}  // namespace weir::proxy
