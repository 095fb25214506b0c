#include "http/percent.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace weir {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::array<bool, 256> kUnreserved = [] {
  std::array<bool, 256> out{};
  for (int c = 0; c < 256; ++c) {
    out[static_cast<std::size_t>(c)] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                       c == '~';
  }
  return out;
}();

bool is_unreserved(char c) { return kUnreserved[static_cast<unsigned char>(c)]; }

// Bytes of the sequence that begins at `at`, 0 if it is not well-formed.
std::size_t sequence_length(const unsigned char* at, std::size_t left) {
  unsigned char lead = at[0];
  if (lead < 0x80) return 1;
  std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || left < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at[i] & 0xC0U) != 0x80) return 0;
  }
  unsigned char second = at[1];
  bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  bool surrogate = lead == 0xED && second > 0x9F;
  bool too_large = lead == 0xF4 && second > 0x8F;
  return overlong || surrogate || too_large ? 0 : length;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = sequence_length(bytes + at, text.size() - at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

bool percent_decode(std::string_view text, bool plus_is_space, Arena& arena,
                    std::string_view& out) {
  bool plain = text.find('%') == std::string_view::npos &&
               (!plus_is_space || text.find('+') == std::string_view::npos);
  if (plain) {
    out = text;
    return true;
  }
  char* begin = arena.allocate(text.size());
  char* end = begin;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return false;
      int high = hex_value(text[i + 1]);
      int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    *end++ = c;
  }
  out = {begin, static_cast<std::size_t>(end - begin)};
  return true;
}

std::string_view percent_encode(std::string_view text, std::string_view keep, Arena& arena) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  auto kept = [&](char c) { return is_unreserved(c) || keep.find(c) != std::string_view::npos; };
  auto encoded = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [&](char c) { return !kept(c); }));
  if (encoded == 0) return text;
  std::size_t size = text.size() + 2 * encoded;
  char* begin = arena.allocate(size);
  char* end = begin;
  for (char c : text) {
    if (kept(c)) {
      *end++ = c;
      continue;
    }
    auto byte = static_cast<std::uint8_t>(c);
    *end++ = '%';
    *end++ = kHex[byte >> 4U];
    *end++ = kHex[byte & 15U];
  }
  return {begin, size};
}

}  // namespace weir
