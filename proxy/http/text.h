// Character classes and comparisons of RFC 9110 and 9112, shared by the parsers of heads and
// chunks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::proxy {

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_visible(char c) noexcept { return c > 0x20 && c < 0x7f; }
constexpr bool is_control(char c) noexcept {
  auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}
// Every byte of a head is asked for.
inline constexpr std::array<bool, 256> kTokenChars = [] {
  std::array<bool, 256> table{};
  for (unsigned char c = 0; c < 0x80; ++c) {
    const char lower = to_lower(static_cast<char>(c));
    table[c] = is_digit(lower) || (lower >= 'a' && lower <= 'z') ||
               std::string_view("!#$%&'*+-.^_`|~").find(lower) != std::string_view::npos;
  }
  return table;
}();
constexpr bool is_token_char(char c) noexcept { return kTokenChars[static_cast<unsigned char>(c)]; }

/// ASCII case does not matter.
constexpr bool same_text(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

/// Without blanks and tabs at both ends.
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the part before the first `separator` off `rest`, trimmed.
constexpr std::string_view next_item(std::string_view& rest, char separator) noexcept {
  std::size_t end = rest.find(separator);
  std::string_view item = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return trim(item);
}

/// 1 to 19 digits and nothing else, so that it always fits 64 bits.
constexpr std::optional<std::uint64_t> parse_length(std::string_view text) noexcept {
  if (text.empty() || text.size() > 19) return std::nullopt;
  std::uint64_t value = 0;
  for (char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

}  // namespace weir::proxy
