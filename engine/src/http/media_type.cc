#include "http/media_type.h"

#include <algorithm>

namespace weir {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

MediaType parse_media_type(std::string_view value) noexcept {
  if (value == "application/json") return MediaType::kJson;  // as nearly everybody writes it
  std::size_t semicolon = value.find(';');
  std::string_view type = trim(value.substr(0, semicolon));
  if (semicolon != std::string_view::npos) {
    std::string_view parameter = trim(value.substr(semicolon + 1));
    if (!same(parameter, "charset=utf-8") && !same(parameter, "charset=\"utf-8\"")) {
      return MediaType::kOther;
    }
  }
  if (same(type, "application/json")) return MediaType::kJson;
  if (same(type, "application/x-ndjson")) return MediaType::kNdjson;
  return MediaType::kOther;
}

}  // namespace weir
