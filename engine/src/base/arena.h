// Memory of one request: bump allocation in blocks that are kept for the next request, so that a
// warm workspace allocates nothing.
#pragma once

#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace weir {

/// Not thread-safe. What it hands out lives until reset(). Throws std::bad_alloc only.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Uninitialised bytes, aligned for any scalar.
  char* allocate(std::size_t bytes) {
    if (bytes >= free_) return allocate_elsewhere(bytes);
    std::size_t taken = bytes / kAlign * kAlign + kAlign;
    char* out = next_;
    next_ += taken;
    free_ -= taken;
    return out;
  }

  std::string_view copy(std::string_view text);
  std::string_view concat(std::initializer_list<std::string_view> parts);

  /// A copy of `values` that lives as long as the arena's other memory.
  template <typename T>
  std::span<const T> copy_span(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (values.empty()) return {};
    char* memory = allocate(values.size_bytes());
    std::memcpy(memory, values.data(), values.size_bytes());
    return {reinterpret_cast<const T*>(memory), values.size()};
  }

  /// Takes everything back. Blocks beyond the first few hundred kilobytes are freed, so that one
  /// huge request does not hold its memory for ever.
  void reset();

 private:
  struct Block {
    std::unique_ptr<char[]> memory;
    std::size_t size = 0;
  };
  static constexpr std::size_t kAlign = alignof(std::max_align_t);

  char* allocate_elsewhere(std::size_t bytes);
  void open_block();

  std::vector<Block> blocks_;
  std::size_t block_ = 0;  // index of the block in use
  char* next_ = nullptr;   // its first free byte
  std::size_t free_ = 0;   // how many there are: a multiple of kAlign
};

/// For containers that live no longer than the arena's memory: what they outgrow is given back with
/// all the rest, at reset().
template <typename T>
class ArenaAllocator {
 public:
  using value_type = T;

  explicit ArenaAllocator(Arena& arena) noexcept : arena_(&arena) {}
  template <typename U>
  ArenaAllocator(const ArenaAllocator<U>& other) noexcept : arena_(other.arena_) {}  // NOLINT

  T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / 2 / sizeof(T)) throw std::bad_alloc();
    return reinterpret_cast<T*>(arena_->allocate(count * sizeof(T)));
  }
  void deallocate(T*, std::size_t) noexcept {}

  friend bool operator==(const ArenaAllocator&, const ArenaAllocator&) = default;

 private:
  template <typename U>
  friend class ArenaAllocator;
  Arena* arena_;
};

template <typename T>
using ArenaVector = std::vector<T, ArenaAllocator<T>>;
using ArenaString = std::basic_string<char, std::char_traits<char>, ArenaAllocator<char>>;

}  // namespace weir
