#include "net/frame_memory.h"

#include <array>
#include <new>
#include <utility>

namespace weir::proxy {
namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kSizes = 64;  // up to 4 kB
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kKept = 0;  // so that a frame used after its end is found
#else
constexpr std::size_t kKept = 32;  // of each size
#endif

struct Frame {
  Frame* next;
};

// After its end nothing is kept any more, and giving back still works.
struct Kept {
  std::array<Frame*, kSizes> first{};
  std::array<std::size_t, kSizes> count{};

  ~Kept() {
    for (std::size_t i = 0; i < kSizes; ++i) {
      while (first[i] != nullptr) ::operator delete(std::exchange(first[i], first[i]->next));
      count[i] = kKept;  // whatever comes later is not kept
    }
  }
};

thread_local Kept kept;

}  // namespace

void* take_frame(std::size_t bytes) {
  const std::size_t size = (bytes + kStep - 1) / kStep;
  if (size < kSizes && kept.first[size] != nullptr) {
    --kept.count[size];
    return std::exchange(kept.first[size], kept.first[size]->next);
  }
  return ::operator new(size * kStep);
}

void give_frame(void* frame, std::size_t bytes) noexcept {
  const std::size_t size = (bytes + kStep - 1) / kStep;
  if (size >= kSizes || kept.count[size] == kKept) {
    ::operator delete(frame);
    return;
  }
  ++kept.count[size];
  kept.first[size] = ::new (frame) Frame{kept.first[size]};
}

}  // namespace weir::proxy
