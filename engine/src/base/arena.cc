#include "base/arena.h"

#include <algorithm>

namespace weir {
namespace {
constexpr std::size_t kBlockBytes = 16U << 10U;
constexpr std::size_t kKeptBytes = 512U << 10U;
constexpr std::size_t kAlign = alignof(std::max_align_t);
}  // namespace

char* Arena::allocate(std::size_t bytes) {
  bytes = (bytes + kAlign - 1) / kAlign * kAlign;
  while (block_ < blocks_.size() && blocks_[block_].size - used_ < bytes) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    std::size_t size = std::max(kBlockBytes, bytes);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    used_ = 0;
  }
  char* out = blocks_[block_].memory.get() + used_;
  used_ += bytes;
  return out;
}

std::string_view Arena::copy(std::string_view text) { return concat({text}); }

std::string_view Arena::concat(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  char* out = allocate(size);
  char* at = out;
  for (std::string_view part : parts) at = std::copy(part.begin(), part.end(), at);
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
  used_ = 0;
}

}  // namespace weir
