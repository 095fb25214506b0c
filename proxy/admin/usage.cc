#include "admin/usage.h"

namespace weir::proxy {

void UsageBook::note(std::uint32_t token_id, Seconds now) noexcept {
  Shard& shard = shards_[token_id % kShards];
  const std::lock_guard lock(shard.mutex);
  try {
    Seconds& last = shard.last[token_id];
    last = now > last ? now : last;
  } catch (const std::bad_alloc&) {  // a use that is not noted is better than a request that fails
  }
}

std::optional<Seconds> UsageBook::latest(std::uint32_t token_id) const {
  const Shard& shard = shards_[token_id % kShards];
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.last.find(token_id);
  return found == shard.last.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::pair<std::uint32_t, Seconds>> UsageBook::copy() const {
  std::vector<std::pair<std::uint32_t, Seconds>> all;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    all.insert(all.end(), shard.last.begin(), shard.last.end());
  }
  return all;
}

void UsageBook::forget(const std::vector<std::pair<std::uint32_t, Seconds>>& written) {
  for (const auto& [id, seconds] : written) {
    Shard& shard = shards_[id % kShards];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.last.find(id);
    // Used again meanwhile: the next flush takes it.
    if (found != shard.last.end() && found->second == seconds) {
      shard.last.erase(found);
    }
  }
}

void UsageBook::flush(Store& store) {
  const auto noted = copy();
  if (noted.empty()) {
    return;
  }
  const auto work = store.begin_write();
  work->merge_last_used(noted);
  work->commit();
  forget(noted);
}

}  // namespace weir::proxy
