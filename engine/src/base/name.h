// A name that is looked up in tables and compared with its siblings: its text, and a print of it
// that is made once, when the name was read. Prints of different names may be alike; almost none
// are.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace weir {

/// `size` bytes (at most 8) as a little-endian number.
constexpr std::uint64_t load_bytes(const char* from, std::size_t size) noexcept {
  if (!std::is_constant_evaluated() && std::endian::native == std::endian::little) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, size);
    return word;
  }
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < size; ++i) {
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(from[i])) << (8 * i);
  }
  return word;
}

/// Of a text's length, beginning and end; the same at compile time and later.
constexpr std::uint32_t print_of(std::string_view text) noexcept {
  std::size_t size = text.size();
  const char* data = text.data();
  std::uint64_t mixed = size;
  if (size >= 8) {
    mixed += load_bytes(data, 8) ^ std::rotl(load_bytes(data + size - 8, 8), 29);
  } else if (size >= 4) {
    mixed += load_bytes(data, 4) ^ load_bytes(data + size - 4, 4) << 32U;
  } else if (size > 0) {
    mixed += load_bytes(data, 1) << 8U ^ load_bytes(data + size / 2, 1) << 16U ^
             load_bytes(data + size - 1, 1) << 24U;
  }
  return static_cast<std::uint32_t>(mixed * 0x9E3779B97F4A7C15U >> 32U);
}

/// The same as `a == b`, without a call for the names that are usual.
constexpr bool same_text(std::string_view a, std::string_view b) noexcept {
  std::size_t size = a.size();
  if (size != b.size()) return false;
  const char* x = a.data();
  const char* y = b.data();
  if (size > 16) return a == b;
  if (size >= 8) {
    return ((load_bytes(x, 8) ^ load_bytes(y, 8)) |
            (load_bytes(x + size - 8, 8) ^ load_bytes(y + size - 8, 8))) == 0;
  }
  if (size >= 4) {
    return ((load_bytes(x, 4) ^ load_bytes(y, 4)) |
            (load_bytes(x + size - 4, 4) ^ load_bytes(y + size - 4, 4))) == 0;
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (x[i] != y[i]) return false;
  }
  return true;
}

struct Name {
  std::string_view text;
  std::uint32_t print = 0;

  constexpr Name() noexcept = default;
  constexpr Name(std::string_view name) noexcept : text(name), print(print_of(name)) {}  // NOLINT
  consteval Name(const char* name) noexcept : Name(std::string_view(name)) {}            // NOLINT
  constexpr operator std::string_view() const noexcept { return text; }                  // NOLINT

  friend constexpr bool operator==(const Name& a, const Name& b) noexcept {
    return a.print == b.print && same_text(a.text, b.text);
  }
};

/// The row of a constant table (whose rows have a `name`) by its name, or null: one probe or two,
/// however many rows there are.
template <const auto& kRows, typename Row = std::remove_extent_t<std::remove_cvref_t<decltype(kRows)>>>
const Row* find_row(const Name& name) noexcept {
  constexpr std::size_t kCount = std::extent_v<std::remove_cvref_t<decltype(kRows)>>;
  constexpr std::size_t kSlots = std::bit_ceil(4 * kCount);
  static_assert(kCount < 255);
  struct Slots {
    std::uint8_t row[kSlots] = {};  // its number from 1; 0 is a free slot
  };
  static constexpr Slots kIndex = [] {
    Slots slots;
    for (std::size_t i = 0; i < kCount; ++i) {
      std::size_t at = print_of(kRows[i].name) % kSlots;
      while (slots.row[at] != 0) at = (at + 1) % kSlots;
      slots.row[at] = static_cast<std::uint8_t>(i + 1);
    }
    return slots;
  }();
  for (std::size_t at = name.print % kSlots; kIndex.row[at] != 0; at = (at + 1) % kSlots) {
    const Row& row = kRows[kIndex.row[at] - 1U];
    if (name == Name(row.name)) return &row;
  }
  return nullptr;
}

}  // namespace weir
