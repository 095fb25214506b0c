// Every key in use, derived from one master key by HKDF-SHA256 under a label of its own, so that a
// value made for one purpose is meaningless for another.
//
// Secrets of shared tokens must be shown again on every read (the published contract), so they are
// stored encrypted; finding a token by what a client presents goes by a keyed hash, so that the
// store alone tells nothing and no look-up compares secrets byte by byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/key_file.h"
#include "auth/secret.h"
#include "weir/request.h"

namespace weir::proxy {

/// What a tagged key puts into a digest and before a sealed secret. A digest keeps 192 bits of its
/// hash; a secret has 128.
inline constexpr std::size_t kKeyIdBytes = 8;

/// Immutable; use from any thread. Nothing throws except std::bad_alloc.
class DerivedKey {
 public:
  /// Null if the cryptographic library refuses (for instance, an algorithm is not available).
  static std::unique_ptr<const DerivedKey> derive(const MasterKey& master);
  ~DerivedKey();
  DerivedKey(const DerivedKey&) = delete;
  DerivedKey& operator=(const DerivedKey&) = delete;

  /// The look-up digest of a shared token's secret; nothing if the library fails (then nobody is
  /// let in).
  std::optional<TokenDigest> token_digest(std::string_view secret) const noexcept;
  /// The same for API tokens, under another key.
  std::optional<TokenDigest> api_token_digest(std::string_view secret) const noexcept;

  /// AES-256-GCM with a random nonce, bound to the token's id: a row copied over another does not
  /// open.
  std::optional<std::string> seal_secret(std::uint32_t token_id, const Secret& secret) const;
  std::optional<Secret> open_secret(std::uint32_t token_id, std::string_view sealed) const;

  /// Seals upstream cursor ids for the engine. Lives as long as this.
  const Sealer& cursor_sealer() const noexcept;

  KeyForm form() const noexcept { return form_; }
  /// Whether a digest names this key, and whether a sealed secret does. What a plain key made has
  /// no name: its digests name none, its secrets the form.
  bool tagged(const TokenDigest& digest) const noexcept;
  bool sealed(std::string_view secret) const;

  /// Says which master key this comes from, without telling it: 32 bytes to compare; their
  /// beginning, which is the tag; and that for people.
  const std::string& fingerprint() const noexcept { return fingerprint_; }
  std::string_view id() const noexcept;
  std::string name() const;

 private:
  class Hmac;
  class CursorSealer;
  DerivedKey();
  std::optional<TokenDigest> tag(std::optional<TokenDigest> digest) const noexcept;
  std::string secret_head() const;
  std::string secret_context(std::uint32_t token_id) const;

  KeyForm form_ = KeyForm::kPlain;
  std::unique_ptr<const Hmac> tokens_;
  std::unique_ptr<const Hmac> api_tokens_;
  std::unique_ptr<const CursorSealer> sealer_;
  std::array<std::uint8_t, 32> secrets_key_{};
  std::string fingerprint_;
};

}  // namespace weir::proxy
