// Reading a JSON text token by token, forwards only, by strict RFC 8259.
//
// The cursor stands on the first byte of a value, or on a structural character. Everything between
// two tokens is white space by construction of the index; every scalar is validated when it is
// read, and a caller that reads every value (or skips it, which reads it too) has validated every
// byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"

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
  Cursor(std::string_view text, std::span<const std::uint32_t> tokens)
      : text_(text), tokens_(tokens) {}

  std::string_view text() const noexcept { return text_; }
  bool at_end() const noexcept { return at_ == tokens_.size(); }

  /// Offset of the token under the cursor; the text's size at the end.
  std::size_t offset() const noexcept { return at_end() ? text_.size() : tokens_[at_]; }

  /// The byte under the cursor, 0 at the end.
  char head() const noexcept { return at_end() ? '\0' : text_[tokens_[at_]]; }

  /// The type that the token's first byte promises; kNone for anything that begins no value.
  JsonType type() const noexcept { return kJsonTypes[static_cast<unsigned char>(head())]; }

  /// Steps over a structural character.
  void step() noexcept { ++at_; }

  /// Reads the string under the cursor and steps over it. Nothing if it is not a well-formed
  /// string.
  std::optional<std::string_view> read_string(Arena& arena);

  /// Reads a number, true, false or null as its lexeme and steps over it. Nothing if it is none of
  /// them.
  std::optional<std::string_view> read_literal() noexcept;

 private:
  std::string_view text_;
  std::span<const std::uint32_t> tokens_;
  std::size_t at_ = 0;
};

}  // namespace weir
