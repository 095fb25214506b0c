#include "response/json_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace weir::response {
namespace {

void append_utf8(std::uint32_t c, std::string& out) {
  auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((c >> shift) & 0x3FU)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0U | (c >> 6U));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0U | (c >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (c >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

// The four digits after `\u`; moves behind them.
std::uint32_t take_hex(std::string_view& rest) {
  std::uint32_t value = 0;
  std::from_chars(rest.data(), rest.data() + 4, value, 16);
  rest.remove_prefix(4);
  return value;
}

bool append_unicode(std::string_view& rest, std::string& out) {
  std::uint32_t c = take_hex(rest);
  if (c >= 0xDC00 && c < 0xE000) return false;
  if (c >= 0xD800 && c < 0xDC00) {
    if (!rest.starts_with("\\u")) return false;
    rest.remove_prefix(2);
    std::uint32_t low = take_hex(rest);
    if (low < 0xDC00 || low >= 0xE000) return false;
    c = 0x10000 + ((c - 0xD800) << 10U) + (low - 0xDC00);
  }
  append_utf8(c, out);
  return true;
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

bool append_decoded(std::string_view quoted, std::string& out) {
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  std::string_view rest = quoted.substr(1, quoted.size() - 2);
  while (!rest.empty()) {
    std::size_t plain = std::min(rest.find('\\'), rest.size());
    out += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    char escape = rest[1];
    rest.remove_prefix(2);
    if (escape == 'u') {
      if (!append_unicode(rest, out)) return false;
    } else {
      out += kMeanings[kEscapes.find(escape)];
    }
  }
  return true;
}

}  // namespace weir::response
