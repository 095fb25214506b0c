// A request target at the front, a line; behind it the head of an answer of Dashboards'. A path
// that is let through reads the same however often it is decoded; no secret is left in what goes
// on; and whatever Dashboards says, the browser gets the front's own rules and keeps the front's
// own cookie.
#include <algorithm>
#include <string>

#include "front/relay_head.h"
#include "front/target.h"
#include "fuzz.h"

namespace {

using weir::fuzz::require;
using namespace weir::proxy;

int digit(char c) {
  const std::size_t at = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool encoded =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    out += encoded ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (encoded) i += 2;
  }
  return out;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

void check_target(std::string_view raw) {
  const bool visible = !raw.empty() && std::all_of(raw.begin(), raw.end(),
                                                   [](char c) { return c > 0x20 && c < 0x7f; });
  if (!visible) return;  // such a head does not get this far
  const auto target = parse_front_target(raw);
  if (!target) return;
  const std::string path = decode(target->path);
  require(path.front() == '/' && path.find("//") == std::string::npos,
          "a path leads to no other host");
  require(decode(path) == path, "decoding twice changes nothing");
  require(path.find('\\') == std::string::npos, "no other separator");
  require(std::count(path.begin(), path.end(), '/') ==
              std::count(target->path.begin(), target->path.end(), '/'),
          "no hidden separator");
  for (const char* dots : {"/./", "/../"})
    require((path + "/").find(dots) == std::string::npos, "no dot segment");
  std::string_view rest = target->query;
  while (!rest.empty()) {
    const std::string_view pair = weir::fuzz::take_until(rest, '&');
    require(lower(decode(pair.substr(0, pair.find('=')))) != "sharetoken",
            "no secret is left in the query");
  }
  const auto again = parse_front_target(target->clean());
  require(again && !again->has_secret && again->clean() == target->clean(),
          "the clean address is clean");
}

void check_head(std::string_view bytes) {
  const auto head = parse_relay_head(bytes, false);
  if (!head) return;
  const FrontCookies cookies(false, SameSite::kLax);
  std::string out;
  if (!append_relayed_headers(*head, {&cookies, "'none'", "http://d:1"}, out)) return;
  std::string_view rest = out;
  int ancestors = 0;
  while (!rest.empty()) {
    const std::string_view line = weir::fuzz::take_until(rest, '\n');
    require(line.size() > 1 && line.back() == '\r' && line.find('\r') == line.size() - 1,
            "whole lines");
    const std::string text = lower(std::string(line.substr(0, line.size() - 1)));
    const std::size_t colon = text.find(':');
    require(colon != std::string::npos && colon != 0, "each is a header");
    const std::string name = text.substr(0, colon);
    const std::string value =
        text.substr(text.find_first_not_of(' ', colon + 1) == std::string::npos
                        ? text.size()
                        : text.find_first_not_of(' ', colon + 1));
    for (const char* never : {"connection", "transfer-encoding", "content-length",
                              "x-frame-options", "www-authenticate", "refresh"})
      require(name != never, "a header that is not Dashboards' to send");
    if (name == "content-security-policy")
      ancestors += value.find("frame-ancestors") != std::string::npos ? 1 : 0;
    if (name == "location")
      require(
          value.front() == '/' && value.find('\\') == std::string::npos && !value.starts_with("//"),
          "no other host");
    if (name == "set-cookie") {
      const std::string cookie = value.substr(0, value.find('='));
      const std::string bare = cookie.substr(0, cookie.find_last_not_of(" \t") + 1);
      require(!bare.empty() && bare != "weir" && bare != "__host-weir",
              "the front's cookie is its own");
    }
  }
  require(ancestors >= 1, "who may embed the page is said");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = weir::fuzz::as_text(data, size);
  check_target(weir::fuzz::take_until(rest, '\n'));
  check_head(rest);
  return 0;
}
