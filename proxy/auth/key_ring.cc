#include "auth/key_ring.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "auth/encoding.h"

namespace weir::proxy {

DerivedKeys derive_keys(std::span<const MasterKey> masters) {
  DerivedKeys keys;
  for (const MasterKey& master : masters) {
    keys.push_back(DerivedKey::derive(master));
    if (!keys.back()) {
      return {};
    }
  }
  return keys;
}

std::unique_ptr<KeyRing> KeyRing::derive(std::span<const MasterKey> masters) {
  auto set = std::make_shared<Set>();
  set->keys = derive_keys(masters);
  return set->keys.empty() ? nullptr : std::unique_ptr<KeyRing>(new KeyRing(std::move(set)));
}

KeyRing::~KeyRing() = default;

std::shared_ptr<const KeyRing::Set> KeyRing::set() const {
  const std::lock_guard lock(mutex_);
  return set_;
}

void KeyRing::put(Set next) {
  auto set = std::make_shared<Set>(std::move(next));
  const std::lock_guard lock(mutex_);
  set->generation = set_->generation + 1;
  set_ = std::move(set);
  // INVARIANT: behind the keys themselves, so that digests are never taken for newer than they are.
  generation_.store(set_->generation);
}

std::optional<TokenDigest> KeyRing::token_digest(std::string_view secret) const noexcept {
  return active()->token_digest(secret);
}

std::optional<TokenDigest> KeyRing::api_token_digest(std::string_view secret) const noexcept {
  return active()->api_token_digest(secret);
}

std::optional<std::string> KeyRing::seal_secret(std::uint32_t token_id,
                                                const Secret& secret) const {
  return active()->seal_secret(token_id, secret);
}

TokenDigests KeyRing::token_digests(std::string_view secret) const noexcept {
  return digests(secret, &DerivedKey::token_digest);
}

TokenDigests KeyRing::api_token_digests(std::string_view secret) const noexcept {
  return digests(secret, &DerivedKey::api_token_digest);
}

TokenDigests KeyRing::digests(std::string_view secret, MakeDigest make) const noexcept {
  const auto set = this->set();
  TokenDigests out;
  out.generation_ = set->generation;
  for (std::size_t i = 0; i < set->keys.size(); ++i) {
    // The active one comes first; the others keep their order.
    const std::size_t at = i == 0 ? set->active : i <= set->active ? i - 1 : i;
    if (const auto digest = ((*set->keys[at]).*make)(secret)) {
      out.all_[out.size_++] = *digest;
    }
  }
  return out;
}

std::optional<Secret> KeyRing::open_secret(std::uint32_t token_id, std::string_view sealed) const {
  const auto set = this->set();
  const DerivedKey* key = sealer_of(sealed, set->keys);
  return key == nullptr ? std::nullopt : key->open_secret(token_id, sealed);
}

std::string KeyRing::fingerprint() const { return active()->fingerprint(); }

DerivedKeys KeyRing::keys() const { return set()->keys; }

std::shared_ptr<const DerivedKey> KeyRing::active() const {
  const auto set = this->set();
  return set->keys[set->active];
}

bool KeyRing::activate(std::string_view fingerprint) {
  const auto set = this->set();
  const auto found = std::find_if(set->keys.begin(), set->keys.end(), [&](const auto& key) {
    return key->fingerprint() == fingerprint;
  });
  if (found == set->keys.end()) {
    return false;
  }
  const auto at = static_cast<std::size_t>(found - set->keys.begin());
  if (at != set->active) {
    put({set->keys, at});
  }
  return true;
}

void KeyRing::replace(DerivedKeys keys) {
  const std::string before = fingerprint();
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const auto& key) { return key->fingerprint() == before; });
  const std::size_t at = found == keys.end() ? 0 : static_cast<std::size_t>(found - keys.begin());
  put({std::move(keys), at});
}

bool KeyRing::AnySealer::seal(const SealContext& context, std::string_view plain,
                              std::string& out) const noexcept {
  return ring_.active()->cursor_sealer().seal(context, plain, out);
}

bool KeyRing::AnySealer::open(const SealContext& context, std::string_view sealed,
                              std::string& out) const noexcept {
  const auto set = ring_.set();
  if (set->keys[set->active]->cursor_sealer().open(context, sealed, out)) {
    return true;
  }
  return std::any_of(set->keys.begin(), set->keys.end(), [&](const auto& key) {
    return key != set->keys[set->active] && key->cursor_sealer().open(context, sealed, out);
  });
}

const DerivedKey* maker_of(const TokenDigest& digest, const DerivedKeys& keys) {
  const DerivedKey* plain = nullptr;
  for (const auto& key : keys) {
    if (key->tagged(digest)) {
      return key.get();
    }
    if (key->form() == KeyForm::kPlain) {
      plain = key.get();
    }
  }
  return plain;
}

const DerivedKey* sealer_of(std::string_view sealed_secret, const DerivedKeys& keys) {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const auto& key) { return key->sealed(sealed_secret); });
  return found == keys.end() ? nullptr : found->get();
}

std::optional<Secret> generate_secret() {
  std::array<std::uint8_t, 16> bytes{};
  if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return std::nullopt;
  }
  std::string text = to_hex(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) {
    text.insert(at, 1, '-');
  }
  Secret secret(text);
  OPENSSL_cleanse(text.data(), text.size());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return secret;
}

}  // namespace weir::proxy
