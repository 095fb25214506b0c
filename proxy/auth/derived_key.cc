// The plain SHA-256 functions, which OpenSSL 3 would rather have hidden behind contexts on the heap.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "auth/derived_key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "auth/encoding.h"

namespace weir::proxy {
namespace {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};
using Kdf = std::unique_ptr<EVP_KDF, Freer<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Freer<EVP_KDF_CTX_free>>;
using Cipher = std::unique_ptr<EVP_CIPHER, Freer<EVP_CIPHER_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kSivKeyBytes = 64;
// A bound far above any cursor the engine passes on, so that lengths fit the library's int.
constexpr std::size_t kMaxSealedBytes = 16U << 20U;

bool hkdf(const MasterKey& master, std::string_view label, std::uint8_t* out, std::size_t size) {
  const Kdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfContext context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  if (!context) {
    return false;
  }
  std::string digest = "SHA256";
  std::string info = "weir/1/";
  info += label;
  MasterKey::Array key = master.unsafe_bytes();
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  const bool done = EVP_KDF_derive(context.get(), out, size, params) == 1;
  OPENSSL_cleanse(key.data(), key.size());
  return done;
}

std::array<std::uint8_t, 4> big_endian(std::uint32_t value) noexcept {
  return {static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
          static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

std::uint8_t* bytes_of(std::string& text, std::size_t at = 0) noexcept {
  return reinterpret_cast<std::uint8_t*>(text.data()) + at;
}

int length(std::size_t size) noexcept { return static_cast<int>(size); }

}  // namespace

/// HMAC-SHA256 (RFC 2104) with the key's two blocks hashed once. Every request is hashed, so each
/// digest starts from copies of these states on the stack; EVP_MAC allocates several times for that.
class DerivedKey::Hmac {
 public:
  static std::unique_ptr<const Hmac> make(const MasterKey& master, std::string_view label) {
    std::array<std::uint8_t, 32> key{};
    if (!hkdf(master, label, key.data(), key.size())) {
      return nullptr;
    }
    std::unique_ptr<const Hmac> hmac(new Hmac(key));
    OPENSSL_cleanse(key.data(), key.size());
    return hmac;
  }

  ~Hmac() {
    OPENSSL_cleanse(&inner_, sizeof inner_);
    OPENSSL_cleanse(&outer_, sizeof outer_);
  }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  std::optional<TokenDigest> digest(std::string_view text) const noexcept {
    TokenDigest out;
    static_assert(sizeof out.bytes == SHA256_DIGEST_LENGTH);
    SHA256_CTX state = inner_;
    bool done = SHA256_Update(&state, text.data(), text.size()) == 1 &&
                SHA256_Final(out.bytes.data(), &state) == 1;
    state = outer_;
    done = done && SHA256_Update(&state, out.bytes.data(), out.bytes.size()) == 1 &&
           SHA256_Final(out.bytes.data(), &state) == 1;
    OPENSSL_cleanse(&state, sizeof state);
    return done ? std::optional(out) : std::nullopt;
  }

 private:
  explicit Hmac(const std::array<std::uint8_t, 32>& key) {
    begin(key, 0x36, inner_);
    begin(key, 0x5c, outer_);
  }

  static void begin(const std::array<std::uint8_t, 32>& key, std::uint8_t pad, SHA256_CTX& state) {
    std::array<std::uint8_t, SHA256_CBLOCK> block{};
    std::copy(key.begin(), key.end(), block.begin());
    for (std::uint8_t& byte : block) byte ^= pad;
    SHA256_Init(&state);
    SHA256_Update(&state, block.data(), block.size());
    OPENSSL_cleanse(block.data(), block.size());
  }

  SHA256_CTX inner_;
  SHA256_CTX outer_;
};

/// AES-256-SIV (RFC 5297): deterministic, so that a cursor keeps its name from page to page, and
/// safe without a nonce. The sealed form is base64url of the synthetic IV and the ciphertext; the
/// context is the associated data.
class DerivedKey::CursorSealer final : public Sealer {
 public:
  static std::unique_ptr<const CursorSealer> make(const MasterKey& master) {
    std::unique_ptr<CursorSealer> sealer(new CursorSealer);
    sealer->cipher_.reset(EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr));
    if (!sealer->cipher_ || !hkdf(master, "cursors", sealer->key_.data(), sealer->key_.size())) {
      return nullptr;
    }
    return sealer;
  }
  ~CursorSealer() override { OPENSSL_cleanse(key_.data(), key_.size()); }
  CursorSealer(const CursorSealer&) = delete;
  CursorSealer& operator=(const CursorSealer&) = delete;

  bool seal(const SealContext& context, std::string_view plain,
            std::string& out) const noexcept override try {
    if (plain.empty() || plain.size() > kMaxSealedBytes) {
      return false;
    }
    std::string sealed(kTagBytes + plain.size(), '\0');
    const CipherContext cipher(EVP_CIPHER_CTX_new());
    int written = 0;
    if (!cipher ||
        EVP_EncryptInit_ex2(cipher.get(), cipher_.get(), key_.data(), nullptr, nullptr) != 1 ||
        !add_context(cipher.get(), context, true) ||
        EVP_EncryptUpdate(cipher.get(), bytes_of(sealed, kTagBytes), &written,
                          as_bytes(plain).data(), length(plain.size())) != 1 ||
        written != length(plain.size()) ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, sealed.data()) != 1) {
      return false;
    }
    std::string text;
    append_base64url(as_bytes(sealed), text);
    out += text;
    return true;
  } catch (...) {
    return false;
  }

  bool open(const SealContext& context, std::string_view sealed,
            std::string& out) const noexcept override try {
    if (sealed.size() > 2 * kMaxSealedBytes) {
      return false;
    }
    auto bytes = decode_base64url(sealed);
    if (!bytes || bytes->size() <= kTagBytes) {
      return false;
    }
    const std::size_t size = bytes->size() - kTagBytes;
    std::string plain(size, '\0');
    const CipherContext cipher(EVP_CIPHER_CTX_new());
    int written = 0;
    if (!cipher ||
        EVP_DecryptInit_ex2(cipher.get(), cipher_.get(), key_.data(), nullptr, nullptr) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, bytes->data()) != 1 ||
        !add_context(cipher.get(), context, false) ||
        EVP_DecryptUpdate(cipher.get(), bytes_of(plain), &written, bytes_of(*bytes, kTagBytes),
                          length(size)) != 1 ||
        written != length(size)) {
      return false;
    }
    out += plain;
    return true;
  } catch (...) {
    return false;
  }

 private:
  CursorSealer() = default;

  static bool add_context(EVP_CIPHER_CTX* cipher, const SealContext& context,
                          bool sealing) noexcept {
    std::array<std::uint8_t, 1 + 1 + 4 + 8> data{};
    data[0] = 1;  // version of this layout
    data[1] = static_cast<std::uint8_t>(context.kind);
    const auto id = big_endian(context.token_id);
    const auto high = big_endian(static_cast<std::uint32_t>(context.token_epoch >> 32U));
    const auto low = big_endian(static_cast<std::uint32_t>(context.token_epoch));
    std::memcpy(&data[2], id.data(), id.size());
    std::memcpy(&data[6], high.data(), high.size());
    std::memcpy(&data[10], low.data(), low.size());
    int ignored = 0;
    const auto* bytes = data.data();
    return (sealing
                ? EVP_EncryptUpdate(cipher, nullptr, &ignored, bytes, length(data.size()))
                : EVP_DecryptUpdate(cipher, nullptr, &ignored, bytes, length(data.size()))) == 1;
  }

  Cipher cipher_;
  std::array<std::uint8_t, kSivKeyBytes> key_{};
};

DerivedKey::DerivedKey() = default;
DerivedKey::~DerivedKey() { OPENSSL_cleanse(secrets_key_.data(), secrets_key_.size()); }

std::unique_ptr<const DerivedKey> DerivedKey::derive(const MasterKey& master) {
  std::unique_ptr<DerivedKey> key(new DerivedKey);
  key->form_ = master.form();
  key->tokens_ = Hmac::make(master, "token-digest");
  key->api_tokens_ = Hmac::make(master, "api-token-digest");
  key->sealer_ = CursorSealer::make(master);
  key->fingerprint_.resize(32);
  if (!key->tokens_ || !key->api_tokens_ || !key->sealer_ ||
      !hkdf(master, "secrets", key->secrets_key_.data(), key->secrets_key_.size()) ||
      !hkdf(master, "fingerprint", bytes_of(key->fingerprint_), key->fingerprint_.size())) {
    return nullptr;
  }
  return key;
}

std::string_view DerivedKey::id() const noexcept {
  return std::string_view(fingerprint_).substr(0, kKeyIdBytes);
}

std::string DerivedKey::name() const { return to_hex(as_bytes(id())); }

std::optional<TokenDigest> DerivedKey::tag(std::optional<TokenDigest> digest) const noexcept {
  if (digest && form_ == KeyForm::kTagged) {
    std::memcpy(digest->bytes.data() + digest->bytes.size() - kKeyIdBytes, id().data(),
                kKeyIdBytes);
  }
  return digest;
}

std::optional<TokenDigest> DerivedKey::token_digest(std::string_view secret) const noexcept {
  return tag(tokens_->digest(secret));
}

std::optional<TokenDigest> DerivedKey::api_token_digest(std::string_view secret) const noexcept {
  return tag(api_tokens_->digest(secret));
}

bool DerivedKey::tagged(const TokenDigest& digest) const noexcept {
  return form_ == KeyForm::kTagged &&
         std::memcmp(digest.bytes.data() + digest.bytes.size() - kKeyIdBytes, id().data(),
                     kKeyIdBytes) == 0;
}

const Sealer& DerivedKey::cursor_sealer() const noexcept { return *sealer_; }

/// version, the key's id where it is tagged
std::string DerivedKey::secret_head() const {
  std::string head(1, static_cast<char>(form_));
  if (form_ == KeyForm::kTagged) {
    head += id();
  }
  return head;
}

bool DerivedKey::sealed(std::string_view secret) const { return secret.starts_with(secret_head()); }

/// What a sealed secret is bound to: its token, and the head it stands behind.
std::string DerivedKey::secret_context(std::uint32_t token_id) const {
  const auto id = big_endian(token_id);
  std::string context(reinterpret_cast<const char*>(id.data()), id.size());
  if (form_ == KeyForm::kTagged) {
    context += secret_head();
  }
  return context;
}

std::optional<std::string> DerivedKey::seal_secret(std::uint32_t token_id,
                                                   const Secret& secret) const {
  const std::string_view plain = secret.unsafe_reveal();
  const std::string context = secret_context(token_id);
  std::string out = secret_head();
  const std::size_t nonce = out.size();
  const std::size_t text = nonce + kNonceBytes;
  // head, nonce, ciphertext, tag
  out.resize(text + plain.size() + kTagBytes);
  if (plain.size() > kMaxSealedBytes || RAND_bytes(bytes_of(out, nonce), kNonceBytes) != 1) {
    return std::nullopt;
  }
  const CipherContext cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  if (!cipher ||
      EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), secrets_key_.data(),
                          bytes_of(out, nonce), nullptr) != 1 ||
      EVP_EncryptUpdate(cipher.get(), nullptr, &written, as_bytes(context).data(),
                        length(context.size())) != 1 ||
      EVP_EncryptUpdate(cipher.get(), bytes_of(out, text), &written, as_bytes(plain).data(),
                        length(plain.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), bytes_of(out, text + plain.size()), &written) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                          bytes_of(out, text + plain.size())) != 1) {
    return std::nullopt;
  }
  return out;
}

std::optional<Secret> DerivedKey::open_secret(std::uint32_t token_id,
                                              std::string_view sealed_secret) const {
  const std::string context = secret_context(token_id);
  const std::size_t head = secret_head().size();
  if (!sealed(sealed_secret) || sealed_secret.size() < head + kNonceBytes + kTagBytes ||
      sealed_secret.size() > kMaxSealedBytes) {
    return std::nullopt;
  }
  const Bytes bytes = as_bytes(sealed_secret);
  const Bytes text =
      bytes.subspan(head + kNonceBytes, sealed_secret.size() - head - kNonceBytes - kTagBytes);
  std::array<std::uint8_t, kTagBytes> tag{};
  std::memcpy(tag.data(), bytes.data() + bytes.size() - kTagBytes, kTagBytes);
  std::string plain(text.size(), '\0');
  const CipherContext cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  if (!cipher ||
      EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), secrets_key_.data(), bytes.data() + head,
                          nullptr) != 1 ||
      EVP_DecryptUpdate(cipher.get(), nullptr, &written, as_bytes(context).data(),
                        length(context.size())) != 1 ||
      EVP_DecryptUpdate(cipher.get(), bytes_of(plain), &written, text.data(),
                        length(text.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) != 1 ||
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(plain) + plain.size(), &written) != 1) {
    OPENSSL_cleanse(plain.data(), plain.size());
    return std::nullopt;
  }
  Secret secret(plain);
  OPENSSL_cleanse(plain.data(), plain.size());
  return secret;
}

}  // namespace weir::proxy
