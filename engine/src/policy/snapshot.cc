// Looking things up in a compiled policy.
#include "policy/snapshot.h"

#include <algorithm>
#include <cstring>

namespace weir {
namespace {

// 2^64 divided by the golden ratio: odd, so that no two ids share a product.
constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;

}  // namespace

std::uint64_t hash_of(std::uint32_t id) noexcept { return id * kSpread; }

std::uint64_t hash_of(const TokenDigest& digest) noexcept {
  // A keyed hash is spread evenly already; what an embedder takes for tests is not.
  std::uint64_t hash = 0;
  for (std::size_t at = 0; at < digest.bytes.size(); at += sizeof hash) {
    std::uint64_t word = 0;
    std::memcpy(&word, digest.bytes.data() + at, sizeof word);
    hash = (hash ^ word) * kSpread;
    hash ^= hash >> 32U;
  }
  return hash * kSpread;
}

Opening PolicySnapshot::Data::find(const TokenDigest& digest, std::int64_t now) const noexcept {
  const CompiledToken* const* found = by_digest.find(
      hash_of(digest), [&](const CompiledToken* token) { return token->opened_by(digest); });
  if (found == nullptr || (*found)->expired(now)) return {};
  const CompiledToken& token = **found;
  if (token.digest == digest) return {&token};
  if (token.former != nullptr && token.former->digest == digest) {
    return token.former->until <= now ? Opening() : Opening{&token, true};
  }
  return {&token, false, token.link_of(digest)->id};
}

const CompiledToken* PolicySnapshot::Data::find(std::uint32_t id) const noexcept {
  const auto* found = by_id.find(hash_of(id), [](const auto&) { return true; });
  return found == nullptr ? nullptr : found->get();
}

PolicySnapshot::PolicySnapshot(std::unique_ptr<const Data> data) : data_(std::move(data)) {}
PolicySnapshot::~PolicySnapshot() = default;

std::uint64_t PolicySnapshot::token_epoch(std::uint32_t token_id,
                                          std::int64_t now_seconds) const noexcept {
  const CompiledToken* token = data_->find(token_id);
  return token == nullptr || token->expired(now_seconds) ? 0 : token->epoch;
}

std::uint64_t PolicySnapshot::credential_epoch(const TokenDigest& credential,
                                               std::int64_t now_seconds) const noexcept {
  const Opening opens = data_->find(credential, now_seconds);
  return opens.token == nullptr ? 0 : opens.token->epoch;
}

std::optional<PolicySnapshot::Opened> PolicySnapshot::credential_opens(
    const TokenDigest& credential, std::int64_t now_seconds) const noexcept {
  const Opening opens = data_->find(credential, now_seconds);
  if (opens.token == nullptr) return std::nullopt;
  const CompiledToken& token = *opens.token;
  Opened opened{token.id, data_->frame->accounts[token.account].name, token.expires_at};
  if (opens.former) {
    const std::int64_t until = token.former->until;
    opened.expires_at = std::min(until, opened.expires_at.value_or(until));
  }
  return opened;
}

std::string_view PolicySnapshot::awaits_catalog() const noexcept {
  for (const CompiledAccount& account : data_->frame->accounts) {
    if (account.awaits_catalog) return account.name;
  }
  return {};
}

std::size_t PolicySnapshot::token_count() const noexcept { return data_->by_id.size(); }

}  // namespace weir
