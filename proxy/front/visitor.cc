#include "front/visitor.h"

#include <openssl/evp.h>

#include <array>

#include "net/worker.h"

namespace weir::proxy {

Visitor check_visitor(Worker& worker, std::string_view secret, std::string_view remote) {
  Visitor visitor;
  if (secret.empty()) return visitor;
  TokenDigests digests;
  std::shared_ptr<const PolicySnapshot> policy;
  // INVARIANT: digests older than the snapshot may lack the key that a row of it has moved to.
  do {
    digests = worker.shared.hooks.digests(secret);
    policy = worker.policy.current();
  } while (digests.generation() != worker.shared.hooks.key_generation());
  if (!policy) {
    visitor.state = Visitor::State::kUnknown;
    return visitor;
  }
  for (const TokenDigest& digest : digests) {
    const auto opened = policy->credential_opens(digest, now_seconds());
    if (!opened) continue;
    visitor.state = Visitor::State::kWelcome;
    visitor.token_id = opened->token_id;
    visitor.account = opened->account;
    visitor.expires_at = opened->expires_at;
  }
  const auto& limits = worker.policy.limits();
  const TokenLimits* own = visitor.state == Visitor::State::kWelcome && limits
                               ? limits->find(visitor.token_id)
                               : nullptr;
  if (own != nullptr && !own->allows_remote(remote)) visitor.state = Visitor::State::kElsewhere;
  return visitor;
}

std::string view_tag(std::string_view secret) {
  constexpr std::size_t kBytes = 6;
  const std::string text = "weir view " + std::string(secret);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  std::string tag;
  if (EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(), nullptr) != 1)
    return tag;
  for (std::size_t i = 0; i < kBytes; ++i) {
    tag += "0123456789abcdef"[hash[i] >> 4U];
    tag += "0123456789abcdef"[hash[i] & 15U];
  }
  return tag;
}

}  // namespace weir::proxy
