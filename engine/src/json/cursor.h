// Reading a JSON text token by token, forwards only, by strict RFC 8259.
//
// The cursor stands on the first byte of a value, or on a structural character. Everything between
// two tokens is white space by construction of the index; every scalar is validated when it is
// read, and a caller that reads every value (or skips it, which reads it too) has validated every
// byte.
//
// What is in this header runs for each token of a large body; what is rare is in cursor.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/name.h"

namespace weir {

enum class JsonType : std::uint8_t {
  kObject,
  kArray,
  kString,
  kNumber,
  kTrue,
  kFalse,
  kNull,
  kNone
};

/// The type that a token's first byte promises.
consteval std::array<JsonType, 256> json_types() {
  std::array<JsonType, 256> types{};
  types.fill(JsonType::kNone);
  for (char digit : {'-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'}) {
    types[static_cast<unsigned char>(digit)] = JsonType::kNumber;
  }
  types['{'] = JsonType::kObject;
  types['['] = JsonType::kArray;
  types['"'] = JsonType::kString;
  types['t'] = JsonType::kTrue;
  types['f'] = JsonType::kFalse;
  types['n'] = JsonType::kNull;
  return types;
}
inline constexpr std::array<JsonType, 256> kJsonTypes = json_types();

class Cursor {
 public:
  Cursor() = default;
  /// `tokens`: the index of `text`, or of a part of it that is a JSON text of its own and ends with
  /// `text`.
  Cursor(std::string_view text, std::span<const std::uint32_t> tokens)
      : text_(text), at_(tokens.data()), end_(tokens.data() + tokens.size()) {}

  std::string_view text() const noexcept { return text_; }
  bool at_end() const noexcept { return at_ == end_; }

  /// Offset of the token under the cursor; the text's size at the end.
  std::size_t offset() const noexcept { return at_end() ? text_.size() : *at_; }

  /// The byte under the cursor, 0 at the end.
  char head() const noexcept { return at_end() ? '\0' : text_.data()[*at_]; }

  /// The type that the token's first byte promises; kNone for anything that begins no value.
  JsonType type() const noexcept { return kJsonTypes[static_cast<unsigned char>(head())]; }

  /// Steps over a structural character.
  void step() noexcept { ++at_; }

  /// Reads the string under the cursor and steps over it. Nothing if it is not a well-formed
  /// string.
  std::optional<std::string_view> read_string(Arena& arena) {
    std::size_t begin = 0;
    std::size_t end = 0;
    if (!step_over_string(begin, end)) return std::nullopt;
    std::string_view inside(text_.data() + begin, end - begin);
    return has_escape(begin, end) ? decode(inside, arena) : inside;
  }

  /// The same without the value. False if it is not a well-formed string.
  bool skip_string() noexcept {
    std::size_t begin = 0;
    std::size_t end = 0;
    if (!step_over_string(begin, end)) return false;
    return !has_escape(begin, end) || escapes_are_good(begin, end);
  }

  /// Reads a number, true, false or null as its lexeme and steps over it. Nothing if it is none of
  /// them.
  std::optional<std::string_view> read_literal() noexcept {
    if (at_end()) return std::nullopt;
    std::size_t begin = *at_;
    std::size_t room = (at_ + 1 == end_ ? text_.size() : at_[1]) - begin;
    std::size_t size = few_digits(begin, room) ? room : literal_size(begin, room);
    if (size == 0) return std::nullopt;
    ++at_;
    return std::string_view(text_.data() + begin, size);
  }

 private:
  static constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  // The string's inside. The index has no closing quotes, but between one and the next token there
  // is only white space: so the string is not searched for its end.
  bool step_over_string(std::size_t& begin, std::size_t& end) noexcept {
    if (head() != '"') return false;
    begin = *at_ + std::size_t{1};
    ++at_;
    end = offset();
    const char* data = text_.data();
    while (end > begin && is_blank(data[end - 1])) --end;
    return end > begin && data[--end] == '"';
  }

  // Almost no string has an escape: the next backslash is looked for once for all strings before
  // it. INVARIANT: there is none between the last string that was asked about and `slash_`.
  bool has_escape(std::size_t begin, std::size_t end) noexcept {
    if (end <= slash_) return false;
    if (slash_ < begin) slash_ = find_slash(begin);
    return slash_ < end;
  }

  // Whether the `room` bytes at `begin` are a whole number of 1 to 8 digits.
  bool few_digits(std::size_t begin, std::size_t room) const noexcept {
    constexpr std::uint64_t kZeros = 0x3030303030303030U;
    constexpr std::uint64_t kHigh = 0xF0F0F0F0F0F0F0F0U;
    constexpr std::uint64_t kSix = 0x0606060606060606U;
    if (room > 8 || text_.size() - begin < 8) return false;
    const char* data = text_.data() + begin;
    if (*data == '0' && room > 1) return false;
    std::uint64_t word = load_bytes(data, 8);
    // What stands behind the number is replaced by zeros.
    unsigned digits = 8U * static_cast<unsigned>(room);
    word = word << (64U - digits) | (kZeros >> digits / 2) >> digits / 2;
    return (word & kHigh) == kZeros && ((word + kSix) & kHigh) == kZeros;
  }

  std::optional<std::string_view> decode(std::string_view inside, Arena& arena) const;
  bool escapes_are_good(std::size_t begin, std::size_t end) const noexcept;
  std::size_t find_slash(std::size_t from) const noexcept;
  std::size_t literal_size(std::size_t begin, std::size_t room) const noexcept;

  std::string_view text_;
  const std::uint32_t* at_ = nullptr;
  const std::uint32_t* end_ = nullptr;
  std::size_t slash_ = 0;
};

}  // namespace weir
