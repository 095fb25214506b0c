#include "base/arena.h"

#include <algorithm>

namespace weir {
namespace {
constexpr std::size_t kBlockBytes = 16U << 10U;
constexpr std::size_t kKeptBytes = 512U << 10U;
}  // namespace

void Arena::open_block() {
  bool any = block_ < blocks_.size();
  next_ = any ? blocks_[block_].memory.get() : nullptr;
  free_ = any ? blocks_[block_].size : 0;
}

char* Arena::allocate_elsewhere(std::size_t bytes) {
  std::size_t needed = bytes / kAlign * kAlign + kAlign;
  while (free_ < needed && block_ < blocks_.size()) {
    ++block_;
    open_block();
  }
  if (free_ < needed) {
    std::size_t size = std::max(kBlockBytes, needed);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    open_block();
  }
  return allocate(bytes);
}

std::string_view Arena::copy(std::string_view text) { return concat({text}); }

std::string_view Arena::concat(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  char* out = allocate(size);
  char* at = out;
  for (std::string_view part : parts) {
    if (part.empty()) continue;
    std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
  return {out, size};
}

void Arena::reset() {
  std::size_t kept = 0;
  std::size_t total = 0;
  while (kept < blocks_.size() && total + blocks_[kept].size <= kKeptBytes) {
    total += blocks_[kept++].size;
  }
  blocks_.resize(kept);
  block_ = 0;
  open_block();
}

}  // namespace weir
