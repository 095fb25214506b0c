#include "net/fields_cache.h"

#include <utility>

namespace weir::proxy {
namespace {

constexpr int kKept = 6;  // times `fresh`
constexpr std::size_t kMaxBytes = 32U << 20U;
constexpr std::size_t kMaxRequestBytes = 8U << 10U;

}  // namespace

std::string FieldsCache::key_of(std::uint32_t token_id, std::uint64_t token_epoch,
                                const RequestView& request) const {
  if (fresh_ == Millis::zero() || request.target.size() + request.body.size() > kMaxRequestBytes) {
    return {};
  }
  // Neither the target nor the media type holds a line break.
  std::string key = std::to_string(token_id) + ' ' + std::to_string(token_epoch) + ' ';
  key.append(method_name(request.method)).append(1, ' ').append(request.target).append(1, '\n');
  key.append(request.content_type).append(1, '\n').append(request.body);
  return key;
}

FieldsCache::Found FieldsCache::find(const std::string& key, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(key);
  if (found == places_.end()) return {};
  const Place entry = found->second;
  const auto age = now - entry->made;
  if (age > kKept * fresh_) {
    drop(entry);
    return {};
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return {entry->body, age > fresh_ && !std::exchange(entry->asked, true)};
}

void FieldsCache::put(const std::string& key, std::string_view body, TimePoint now) {
  auto text = std::make_shared<const std::string>(body);
  const std::lock_guard lock(mutex_);
  if (const auto found = places_.find(key); found != places_.end()) drop(found->second);
  if (key.size() + body.size() > kMaxBytes / 8) return;
  entries_.push_front({key, std::move(text), now});
  places_.emplace(entries_.front().key, entries_.begin());
  bytes_ += key.size() + body.size();
  while (bytes_ > kMaxBytes) drop(std::prev(entries_.end()));
}

void FieldsCache::let_be(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (const auto found = places_.find(key); found != places_.end()) found->second->asked = false;
}

void FieldsCache::drop(Place place) {
  bytes_ -= place->key.size() + place->body->size();
  places_.erase(place->key);
  entries_.erase(place);
}

}  // namespace weir::proxy
