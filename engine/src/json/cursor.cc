#include "json/cursor.h"

#include "json/text.h"

namespace weir {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

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

std::optional<std::string_view> Cursor::read_string(Arena& arena) {
  if (head() != '"') return std::nullopt;
  std::size_t begin = offset() + 1;
  // The index has no closing quotes, but between one and the next token there is only white space:
  // so the string is not searched for its end.
  ++at_;
  std::size_t end = offset();
  while (end > begin && is_blank(text_[end - 1])) --end;
  if (end == begin || text_[--end] != '"') return std::nullopt;
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
