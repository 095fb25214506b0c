#include "json/cursor.h"

#include <cstring>

#include "json/text.h"

namespace weir {

std::optional<std::string_view> Cursor::decode(std::string_view inside, Arena& arena) const {
  return decode_json_string(inside, arena);
}

bool Cursor::escapes_are_good(std::size_t begin, std::size_t end) const noexcept {
  return is_json_string(text_.substr(begin, end - begin), slash_ - begin);
}

std::size_t Cursor::find_slash(std::size_t from) const noexcept {
  const void* slash = std::memchr(text_.data() + from, '\\', text_.size() - from);
  if (slash == nullptr) return text_.size();
  return static_cast<std::size_t>(static_cast<const char*>(slash) - text_.data());
}

// A lexeme, with nothing but white space between it and the next token.
std::size_t Cursor::literal_size(std::size_t begin, std::size_t room) const noexcept {
  std::string_view rest = text_.substr(begin, room);
  std::size_t size = 0;
  switch (type()) {
    case JsonType::kNumber:
      size = json_number_size(rest);
      break;
    case JsonType::kTrue:
      size = rest.starts_with("true") ? 4 : 0;
      break;
    case JsonType::kFalse:
      size = rest.starts_with("false") ? 5 : 0;
      break;
    case JsonType::kNull:
      size = rest.starts_with("null") ? 4 : 0;
      break;
    case JsonType::kObject:
    case JsonType::kArray:
    case JsonType::kString:
    case JsonType::kNone:
      break;
  }
  for (char c : rest.substr(size)) {
    if (!is_blank(c)) return 0;
  }
  return size;
}

}  // namespace weir
