#include "json/cursor.h"

#include <cstring>

#include "json/text.h"

namespace weir {
namespace {

// The end of the string whose inside begins at `at`: the offset of its closing quote. The index
// guarantees there is one.
std::size_t closing_quote(std::string_view text, std::size_t at) {
  while (true) {
    const void* quote = std::memchr(text.data() + at, '"', text.size() - at);
    if (quote == nullptr) return text.size();
    auto found = static_cast<std::size_t>(static_cast<const char*>(quote) - text.data());
    std::size_t slashes = 0;
    while (found - slashes > at && text[found - slashes - 1] == '\\') ++slashes;
    if (slashes % 2 == 0) return found;
    at = found + 1;
  }
}

bool ends_scalar(char c) {
  switch (c) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case ',':
    case ':':
    case ']':
    case '}':
    case '[':
    case '{':
      return true;
    default:
      return false;
  }
}

}  // namespace

JsonType Cursor::type() const noexcept {
  switch (head()) {
    case '{':
      return JsonType::kObject;
    case '[':
      return JsonType::kArray;
    case '"':
      return JsonType::kString;
    case 't':
      return JsonType::kTrue;
    case 'f':
      return JsonType::kFalse;
    case 'n':
      return JsonType::kNull;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return JsonType::kNumber;
    default:
      return JsonType::kNone;
  }
}

std::optional<std::string_view> Cursor::read_string(Arena& arena) {
  if (head() != '"') return std::nullopt;
  std::size_t begin = offset() + 1;
  std::size_t end = closing_quote(text_, begin);
  if (end == text_.size()) return std::nullopt;
  ++at_;
  return decode_json_string(text_.substr(begin, end - begin), arena);
}

std::optional<std::string_view> Cursor::read_literal() noexcept {
  JsonType kind = type();
  std::size_t begin = offset();
  std::size_t end = begin;
  while (end < text_.size() && !ends_scalar(text_[end])) ++end;
  std::string_view lexeme = text_.substr(begin, end - begin);
  bool good = (kind == JsonType::kNumber && is_json_number(lexeme)) ||
              (kind == JsonType::kTrue && lexeme == "true") ||
              (kind == JsonType::kFalse && lexeme == "false") ||
              (kind == JsonType::kNull && lexeme == "null");
  if (!good) return std::nullopt;
  ++at_;
  return lexeme;
}

}  // namespace weir
