#include "dsl/query/query_text.h"

#include <algorithm>
#include <array>
#include <string>

#include "dsl/rules.h"

namespace weir {
namespace {

// How many characters that may or may not end a token a run before a `:` may hold; more is in
// doubt. It bounds the work.
constexpr int kMaxSoftDelimiters = 16;
// Lucene's parser calls itself for each group.
constexpr std::ptrdiff_t kMaxGroups = 256;
constexpr std::string_view kExists = "_exists_";

// White space and what ends a token of the syntax. More than Lucene's own set: a name is then only
// looked for in more places.
bool is_space_byte(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

constexpr std::array<bool, 256> kDelimiters = [] {
  std::array<bool, 256> out{};
  for (char c : std::string_view("+-!():^[]\"{}~/&|<>=, \t\n\r\v\f")) {
    out[static_cast<unsigned char>(c)] = true;
  }
  return out;
}();

bool is_delimiter_byte(char c) { return kDelimiters[static_cast<unsigned char>(c)]; }

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// U+0085, U+00A0, U+1680, U+2000-200F, U+2028-202F, U+205F, U+3000, U+FEFF.
bool is_wide_space(std::string_view bytes) {
  if (bytes.size() == 2) return bytes == "\xC2\x85" || bytes == "\xC2\xA0";
  if (bytes == "\xE1\x9A\x80" || bytes == "\xE2\x81\x9F" || bytes == "\xE3\x80\x80") return true;
  if (bytes == "\xEF\xBB\xBF") return true;
  if (!bytes.starts_with("\xE2\x80")) return false;
  auto last = static_cast<unsigned char>(bytes[2]);
  return last <= 0x8F || (last >= 0xA8 && last <= 0xAF);
}

// Bytes of the white space that ends at `end`; 0 if there is none.
std::size_t space_before(std::string_view text, std::size_t end) {
  if (end >= 1 && is_ascii(text[end - 1])) return is_space_byte(text[end - 1]) ? 1 : 0;
  if (end >= 2 && is_wide_space(text.substr(end - 2, 2))) return 2;
  return end >= 3 && is_wide_space(text.substr(end - 3, 3)) ? 3 : 0;
}

std::size_t space_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  if (is_ascii(text[at])) return is_space_byte(text[at]) ? 1 : 0;
  if (is_wide_space(text.substr(at, 2)) && text.size() - at >= 2) return 2;
  return text.size() - at >= 3 && is_wide_space(text.substr(at, 3)) ? 3 : 0;
}

std::size_t delimiter_before(std::string_view text, std::size_t end) {
  return end >= 1 && is_delimiter_byte(text[end - 1]) ? 1 : space_before(text, end);
}

bool is_escaped(std::string_view text, std::size_t at) {
  std::size_t slashes = 0;
  while (slashes < at && text[at - slashes - 1] == '\\') ++slashes;
  return slashes % 2 == 1;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && ++i == text.size()) break;
    out += text[i];
  }
  return out;
}

// `\u` would spell a name in hex digits.
bool has_unicode_escape(std::string_view text, std::string_view& offending) {
  if (text.find('\\') == std::string_view::npos) return false;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') continue;
    ++i;  // an escaped backslash escapes nothing itself
    if (text[i] != 'u') continue;
    offending = text.substr(i - 1, 6);
    return true;
  }
  return false;
}

// What stands behind `_exists_:`: one plain name, since a group or a pattern of the syntax would
// name several.
bool is_open_existence(std::string_view text, std::size_t at) {
  while (std::size_t space = space_at(text, at)) at += space;
  bool quoted = at < text.size() && text[at] == '"';
  std::size_t begin = quoted ? ++at : at;
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (c == '\\') {
      ++at;
      continue;
    }
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '_' || c == '.' || c == '@' || c == '-' || c == '*';
    if (!plain) break;
  }
  if (at > text.size()) return false;
  bool ended = quoted ? at < text.size() && text[at] == '"'
                      : at == text.size() || text[at] == ')' || space_at(text, at) > 0;
  return ended && is_open_field_pattern(unescape(text.substr(begin, at - begin)));
}

// Whether the name at [begin, end), before the `:` at `colon`, is open. An empty one is none.
bool is_open_name(std::string_view text, std::size_t begin, std::size_t end, std::size_t colon) {
  std::string_view name = text.substr(begin, end - begin);
  std::string_view bare = name.substr(name.starts_with('\\') ? 1 : 0);
  if (bare.empty()) return true;
  if (bare.front() != '_' && bare.front() != '*' && bare.front() != '?') return true;
  std::string plain = unescape(name);
  if (plain == kExists) return is_open_existence(text, colon + 1);
  return is_open_field_pattern(plain);
}

// `~2` and `^2.5` are tokens of their own: a name may begin right behind them.
std::size_t skip_number(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t before = begin;
  while (std::size_t space = space_before(text, before)) before -= space;
  if (before == 0 || (text[before - 1] != '~' && text[before - 1] != '^')) return begin;
  while (begin < end && ((text[begin] >= '0' && text[begin] <= '9') || text[begin] == '.')) ++begin;
  return begin;
}

bool is_open_from(std::string_view text, std::size_t begin, std::size_t end, std::size_t colon) {
  return is_open_name(text, begin, end, colon) &&
         is_open_name(text, skip_number(text, begin, end), end, colon);
}

// Whether the delimiter of `size` bytes at `at` ends a token for sure. A backslash does not escape
// everywhere (in a regular expression or a range it may be itself), and `+`, `-` and what only
// other syntaxes delimit by may stand inside a name: each of them may begin a name, or be part of
// one.
bool is_hard(std::string_view text, std::size_t at, std::size_t size) {
  constexpr std::string_view kSoft = "+-&|<>=,\v\f";
  bool soft = size == 1 ? kSoft.find(text[at]) != std::string_view::npos
                        : text.substr(at, size) != "\xE3\x80\x80";
  return !soft && !is_escaped(text, at);
}

// Every run that could be the name which the `:` at `colon` ends.
bool check_names_before(std::string_view text, std::size_t colon, std::string_view& offending) {
  std::size_t end = colon;
  while (std::size_t space = space_before(text, end)) end -= space;
  int soft = 0;
  for (std::size_t at = end;; --at) {
    std::size_t delimiter = delimiter_before(text, at);
    if (at > 0 && delimiter == 0) continue;
    offending = text.substr(at, end - at);
    if (!is_open_from(text, at, end, colon)) return false;
    if (at == 0 || is_hard(text, at - delimiter, delimiter)) return true;
    if (++soft > kMaxSoftDelimiters) return false;
    at -= delimiter - 1;
  }
}

}  // namespace

bool check_query_text(std::string_view text, std::string_view& offending) {
  if (has_unicode_escape(text, offending)) return false;
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
       colon = text.find(':', colon + 1)) {
    if (!check_names_before(text, colon, offending)) return false;
  }
  return true;
}

bool walk_bounded_text(Walk& walk, std::string_view& text) {
  if (!walk.string(text)) return false;
  if (text.size() > walk.limits.max_query_string_bytes) return walk.fail(DenyCode::kBodyValue);
  bool few = std::count(text.begin(), text.end(), '(') <= kMaxGroups;
  return few ? true : walk.fail(DenyCode::kQueryTooMany);
}

bool walk_field_suffix(Walk& walk) {
  std::string_view suffix;
  if (!walk.string(suffix)) return false;
  return suffix.starts_with('_') ? walk.fail(DenyCode::kFieldDenied, suffix) : true;
}

}  // namespace weir
