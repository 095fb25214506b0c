#include "admin/usage.h"

#include <algorithm>

namespace weir::proxy {

void UsageBook::note(std::uint32_t token_id, Seconds now, std::uint32_t link_id) noexcept {
  Shard& shard = shards_[token_id % kShards];
  const std::lock_guard lock(shard.mutex);
  try {
    TokenUse& use = shard.uses[token_id];
    use.last_used = std::max(use.last_used, now);
    ++use.requests;
    if (link_id != 0) {
      Seconds& last = shard.links[link_id];
      last = std::max(last, now);
    }
  } catch (const std::bad_alloc&) {  // a use that is not noted is better than a request that fails
  }
}

void UsageBook::note_denial(std::uint32_t token_id) noexcept {
  Shard& shard = shards_[token_id % kShards];
  const std::lock_guard lock(shard.mutex);
  try {
    ++shard.uses[token_id].denials;
  } catch (const std::bad_alloc&) {
  }
}

std::optional<TokenUse> UsageBook::pending(std::uint32_t token_id) const {
  const Shard& shard = shards_[token_id % kShards];
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.uses.find(token_id);
  if (found == shard.uses.end()) {
    return std::nullopt;
  }
  TokenUse use = found->second;
  use.token_id = token_id;
  return use;
}

void UsageBook::add_to(TokenRow& row) const {
  const auto use = pending(static_cast<std::uint32_t>(row.id));
  if (!use) {
    return;
  }
  if (use->last_used != 0) {
    row.last_used = std::max(row.last_used.value_or(0), use->last_used);
  }
  row.requests += use->requests;
  row.denials += use->denials;
}

std::optional<Seconds> UsageBook::latest(std::uint32_t token_id) const {
  const auto use = pending(token_id);
  return use && use->last_used != 0 ? std::optional(use->last_used) : std::nullopt;
}

void UsageBook::add_to(LinkRow& row) const {
  const Shard& shard = shards_[static_cast<std::uint32_t>(row.token) % kShards];
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.links.find(static_cast<std::uint32_t>(row.id));
  if (found != shard.links.end()) {
    row.last_used = std::max(row.last_used.value_or(0), found->second);
  }
}

UsageBook::Written UsageBook::write(Transaction& work) const {
  Written all;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (const auto& [id, use] : shard.uses) {
      all.tokens.push_back(use);
      all.tokens.back().token_id = id;
    }
    for (const auto& [id, last] : shard.links) {
      all.links.push_back({id, last});
    }
  }
  if (!all.tokens.empty()) {
    work.merge_use(all.tokens);
  }
  if (!all.links.empty()) {
    work.merge_link_use(all.links);
  }
  return all;
}

void UsageBook::forget(const Written& written) {
  for (const LinkUse& use : written.links) {
    for (Shard& shard : shards_) {
      const std::lock_guard lock(shard.mutex);
      const auto found = shard.links.find(use.link_id);
      // Used again meanwhile: the next flush takes it.
      if (found != shard.links.end() && found->second == use.last_used) {
        shard.links.erase(found);
      }
    }
  }
  for (const TokenUse& use : written.tokens) {
    Shard& shard = shards_[use.token_id % kShards];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.uses.find(use.token_id);
    if (found == shard.uses.end()) {
      continue;
    }
    found->second.requests -= use.requests;
    found->second.denials -= use.denials;
    // Used again meanwhile: the next flush takes it.
    if (found->second.requests == 0 && found->second.denials == 0) {
      shard.uses.erase(found);
    }
  }
}

void UsageBook::flush(Store& store) {
  const bool nothing = std::all_of(shards_.begin(), shards_.end(), [](const Shard& shard) {
    const std::lock_guard lock(shard.mutex);
    return shard.uses.empty();
  });
  if (nothing) {
    return;
  }
  const auto work = store.begin_write();
  const auto written = write(*work);
  work->commit();
  forget(written);
}

}  // namespace weir::proxy
