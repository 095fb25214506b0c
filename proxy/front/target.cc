#include "front/target.h"

#include <algorithm>

#include "http/text.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kParameter = "shareToken";
// Longer than any secret ever issued.
constexpr std::size_t kMaxSecretBytes = 512;

bool is_unreserved(char c) noexcept {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char low = to_lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// The byte that `text` begins with when it is percent-encoded; -1 if it is not.
int encoded_byte(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%') return -1;
  const int high = hex_value(text[1]);
  const int low = hex_value(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

// One spelling only: nothing that others decode into a separator, a dot or another encoding.
bool plain_segment(std::string_view segment) {
  if (segment == "." || segment == "..") return false;
  for (std::size_t at = 0; at < segment.size(); ++at) {
    const char c = segment[at];
    if (c == '\\' || c == ';') return false;
    if (c != '%') continue;
    const int byte = encoded_byte(segment.substr(at));
    if (byte < 0x20 || byte == '/' || byte == '\\' || byte == '%' || byte == ';' || byte == 0x7f)
      return false;
    if (is_unreserved(static_cast<char>(byte))) return false;
    at += 2;
  }
  return true;
}

bool plain_path(std::string_view path) {
  std::string_view rest = path.substr(1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('/');
    const std::string_view segment = rest.substr(0, end);
    if (segment.empty() || !plain_segment(segment)) return false;
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return true;
}

// For comparing names; what is no encoding stays as it is.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int byte = encoded_byte(text.substr(at));
    out += byte < 0 ? text[at] : static_cast<char>(byte);
    if (byte >= 0) at += 2;
  }
  return out;
}

void take_query(std::string_view query, FrontTarget& target) {
  bool twice = false;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    if (!same_text(decoded(pair.substr(0, equals)), kParameter)) {
      if (!target.query.empty()) target.query += '&';
      target.query += pair;
      continue;
    }
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    twice = twice || target.has_secret;
    target.has_secret = true;
    if (plausible_secret(value)) target.secret = Secret(value);
  }
  if (twice) target.secret = Secret();
}

}  // namespace

bool plausible_secret(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxSecretBytes &&
         std::all_of(text.begin(), text.end(), is_unreserved);
}

std::optional<FrontTarget> parse_front_target(std::string_view target) {
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  if (path.empty() || path.front() != '/' || !plain_path(path)) return std::nullopt;
  FrontTarget out;
  out.path = path;
  if (mark != std::string_view::npos) take_query(target.substr(mark + 1), out);
  return out;
}

}  // namespace weir::proxy
