// Memory of one request: bump allocation in blocks that are kept for the next request, so that a
// warm workspace allocates nothing.
#pragma once

#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace weir {

/// Not thread-safe. What it hands out lives until reset(). Throws std::bad_alloc only.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;

  /// Uninitialised bytes, aligned for any scalar.
  char* allocate(std::size_t bytes);

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
  std::vector<Block> blocks_;
  std::size_t block_ = 0;  // index of the block in use
  std::size_t used_ = 0;   // bytes used of it
};

}  // namespace weir
