#include "json/text.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/name.h"

namespace weir {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hex digits at `at`; -1 if they are not.
std::int32_t read_unit(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  std::int32_t unit = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

char* write_utf8(std::uint32_t point, char* out) {
  if (point < 0x80) {
    *out++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *out++ = static_cast<char>(0xC0 | (point >> 6));
    *out++ = static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    *out++ = static_cast<char>(0xE0 | (point >> 12));
    *out++ = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    *out++ = static_cast<char>(0x80 | (point & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | (point >> 18));
    *out++ = static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    *out++ = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    *out++ = static_cast<char>(0x80 | (point & 0x3F));
  }
  return out;
}

// Decodes \uXXXX (and its low surrogate) whose first digit is at `at`; advances `at` past it.
// Nothing for a lone surrogate.
std::optional<std::uint32_t> read_code_point(std::string_view text, std::size_t& at) {
  std::int32_t unit = read_unit(text, at);
  if (unit < 0) return std::nullopt;
  at += 4;
  if (unit < 0xD800 || unit > 0xDFFF) return static_cast<std::uint32_t>(unit);
  if (unit > 0xDBFF || text.substr(at, 2) != "\\u") return std::nullopt;
  std::int32_t low = read_unit(text, at + 2);
  if (low < 0xDC00 || low > 0xDFFF) return std::nullopt;
  at += 6;
  return 0x10000U + ((static_cast<std::uint32_t>(unit) - 0xD800U) << 10U) +
         (static_cast<std::uint32_t>(low) - 0xDC00U);
}

char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// Eight bytes at a time: most runs between escapes are too short for a call of memchr or memcpy to
// pay.
constexpr std::size_t kWord = 8;

// How many of the eight bytes at `from` stand before the first backslash.
std::size_t plain_bytes(const char* from) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  std::uint64_t word = load_bytes(from, kWord) ^ kOnes * '\\';
  return static_cast<std::size_t>(std::countr_zero((word - kOnes) & ~word & kHigh)) / 8;
}

// The offset of the first backslash from `at`, or the text's size.
std::size_t find_backslash(std::string_view text, std::size_t at) {
  while (text.size() - at >= kWord) {
    std::size_t plain = plain_bytes(text.data() + at);
    at += plain;
    if (plain < kWord) return at;
  }
  while (at < text.size() && text[at] != '\\') ++at;
  return at;
}

// Copies what stands before the first backslash from `at` on; returns that offset, or the text's
// size. REQUIRES: `out` has room for the whole text from `at`.
std::size_t copy_plain(std::string_view text, std::size_t at, char*& out) {
  while (text.size() - at >= kWord) {
    std::memcpy(out, text.data() + at, kWord);
    std::size_t plain = plain_bytes(text.data() + at);
    at += plain;
    out += plain;
    if (plain < kWord) return at;
  }
  while (at < text.size() && text[at] != '\\') *out++ = text[at++];
  return at;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

}  // namespace

std::optional<std::string_view> decode_json_string(std::string_view inside, Arena& arena) {
  if (find_backslash(inside, 0) == inside.size()) return inside;
  char* begin = arena.allocate(inside.size());  // decoding never grows
  char* out = begin;
  std::size_t at = copy_plain(inside, 0, out);
  while (at < inside.size()) {
    if (++at == inside.size()) return std::nullopt;
    char escape = inside[at++];
    if (escape == 'u') {
      std::optional<std::uint32_t> point = read_code_point(inside, at);
      if (!point) return std::nullopt;
      out = write_utf8(*point, out);
    } else if (char plain = simple_escape(escape); plain != 0) {
      *out++ = plain;
    } else {
      return std::nullopt;
    }
    at = copy_plain(inside, at, out);
  }
  return std::string_view(begin, static_cast<std::size_t>(out - begin));
}

bool is_json_string(std::string_view inside, std::size_t from) noexcept {
  for (std::size_t at = find_backslash(inside, from); at < inside.size();
       at = find_backslash(inside, at)) {
    if (++at == inside.size()) return false;
    char escape = inside[at++];
    if (escape == 'u' ? !read_code_point(inside, at) : simple_escape(escape) == 0) return false;
  }
  return true;
}

std::string_view json_string(std::string_view text, Arena& arena) {
  bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
  });
  if (plain) return arena.concat({"\"", text, "\""});
  std::string literal;
  append_json_string(text, literal);
  return arena.copy(literal);
}

std::size_t json_number_size(std::string_view text) noexcept {
  std::size_t at = 0;
  if (at < text.size() && text[at] == '-') ++at;
  std::size_t digits = skip_digits(text, at) - at;
  if (digits == 0 || (digits > 1 && text[at] == '0')) return 0;
  at += digits;
  if (at < text.size() && text[at] == '.') {
    std::size_t end = skip_digits(text, at + 1);
    if (end == at + 1) return 0;
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    std::size_t end = skip_digits(text, at);
    if (end == at) return 0;
    at = end;
  }
  return at;
}

bool is_json_number(std::string_view lexeme) {
  return !lexeme.empty() && json_number_size(lexeme) == lexeme.size();
}

}  // namespace weir
