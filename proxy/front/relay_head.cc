#include "front/relay_head.h"

#include <algorithm>
#include <array>

#include "http/text.h"

namespace weir::proxy {
namespace {

constexpr std::array<std::string_view, 10> kHopByHop = {"connection",
                                                        "keep-alive",
                                                        "proxy-authenticate",
                                                        "proxy-authorization",
                                                        "te",
                                                        "proxy-connection",
                                                        "trailer",
                                                        "transfer-encoding",
                                                        "upgrade",
                                                        "http2-settings"};

// What a browser must not tell Dashboards. Referer may hold what an address bar did; the last ones
// are for proxies in front of us, not for the browser, to say.
constexpr std::array<std::string_view, 11> kNotInward = {
    "host",        "content-length",  "content-encoding", "expect",    "authorization", "cookie",
    "x-weir-view", "accept-encoding", "referer",          "forwarded", "securitytenant"};
constexpr std::array<std::string_view, 5> kNotInwardPrefixes = {
    "x-shared-", "x-forwarded-", "x-proxy-", "opendistro_security", "_opendistro_security"};

// What Dashboards must not tell a browser: another framing, a log-in of its own, rules for pages
// that the front makes, other sites.
constexpr std::array<std::string_view, 9> kNotOutward = {
    "content-length", "www-authenticate", "x-frame-options", "referrer-policy", "clear-site-data",
    "refresh",        "alt-svc",          "set-cookie2",     "x-shared-token"};

template <std::size_t kCount>
bool among(const std::array<std::string_view, kCount>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool stays_outside(std::string_view name) {
  return among(kHopByHop, name) || among(kNotInward, name) ||
         std::any_of(kNotInwardPrefixes.begin(), kNotInwardPrefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// Names that a Connection header declares to be about the connection.
template <typename Headers>
std::vector<std::string> connection_options(const Headers& headers) {
  std::vector<std::string> options;
  for (const auto& [name, value] : headers) {
    if (name != "connection") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      std::string option(next_item(rest, ','));
      std::transform(option.begin(), option.end(), option.begin(), to_lower);
      options.push_back(std::move(option));
    }
  }
  return options;
}

bool listed(const std::vector<std::string>& options, std::string_view name) {
  return std::find(options.begin(), options.end(), name) != options.end();
}

void append_header(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  const bool clean =
      std::none_of(line.begin(), line.end(), [](char c) { return is_control(c) && c != '\t'; });
  if (!clean) return std::nullopt;
  rest.remove_prefix(end + 2);
  return line;
}

int parse_status(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (!line.starts_with(kVersion) || line.size() < kVersion.size() + 3) return 0;
  const std::string_view code = line.substr(kVersion.size(), 3);
  const std::string_view rest = line.substr(kVersion.size() + 3);
  const bool good = std::all_of(code.begin(), code.end(), is_digit) &&
                    (rest.empty() || rest.front() == ' ') && code.front() >= '1' &&
                    code.front() <= '5';
  return good ? (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0') : 0;
}

bool take_framing(std::string_view name, std::string_view value, RelayHead& head, int& framings) {
  if (name == "content-length") {
    const std::optional<std::uint64_t> length = parse_length(value);
    if (!length || ++framings > 1) return false;
    head.framing = BodyFraming::kLength;
    head.content_length = *length;
  } else if (name == "transfer-encoding") {
    if (!same_text(value, "chunked") || ++framings > 1) return false;
    head.framing = BodyFraming::kChunked;
  } else if (name == "connection") {
    while (!value.empty()) {
      if (same_text(next_item(value, ','), "close")) head.keep_alive = false;
    }
  }
  return true;
}

// The policy without its say on who may embed the page.
std::string without_frame_ancestors(std::string_view policy) {
  std::string out;
  while (!policy.empty()) {
    const std::string_view directive = next_item(policy, ';');
    const std::string_view name = directive.substr(0, directive.find_first_of(" \t"));
    if (directive.empty() || same_text(name, "frame-ancestors")) continue;
    if (!out.empty()) out += "; ";
    out += directive;
  }
  return out;
}

// A redirect within Dashboards, as a path; nothing for any other.
std::optional<std::string> own_location(std::string_view location, std::string_view origin) {
  if (location.starts_with(origin)) location.remove_prefix(origin.size());
  const bool path = location.starts_with('/') && !location.starts_with("//") &&
                    std::all_of(location.begin(), location.end(), is_visible) &&
                    location.find('\\') == std::string_view::npos;
  return path ? std::optional(std::string(location)) : std::nullopt;
}

}  // namespace

std::string_view RelayHead::value(std::string_view name) const noexcept {
  for (const auto& [key, text] : headers) {
    if (key == name) return text;
  }
  return {};
}

bool RelayHead::is_html() const noexcept {
  std::string_view type = value("content-type");
  return same_text(next_item(type, ';'), "text/html");
}

std::optional<RelayHead> parse_relay_head(std::string_view bytes, bool to_head) {
  RelayHead head;
  std::string_view rest = bytes;
  std::optional<std::string_view> line = take_line(rest);
  if (!line || (head.status = parse_status(*line)) == 0) return std::nullopt;
  int framings = 0;
  for (line = take_line(rest); line && !line->empty(); line = take_line(rest)) {
    const std::size_t colon = line->find(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    std::string name(line->substr(0, colon));
    if (!std::all_of(name.begin(), name.end(), is_token_char)) return std::nullopt;
    std::transform(name.begin(), name.end(), name.begin(), to_lower);
    const std::string_view value = trim(line->substr(colon + 1));
    if (!take_framing(name, value, head, framings)) return std::nullopt;
    head.headers.emplace_back(std::move(name), value);
  }
  if (!line || !rest.empty()) return std::nullopt;
  const bool bodiless = to_head || head.status < 200 || head.status == 204 || head.status == 304;
  if (bodiless) {
    head.framing = BodyFraming::kNone;
  } else if (head.framing == BodyFraming::kNone) {
    return std::nullopt;
  }
  return head;
}

void append_relay_request(const RelayRequest& request, std::string& out) {
  const RequestHead& head = *request.head;
  out.append(method_name(head.method)).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  out += request.fixed_headers;
  const std::vector<std::string> options = connection_options(head.headers);
  for (const auto& [name, value] : head.headers) {
    if (stays_outside(name) || listed(options, name)) continue;
    append_header(name, value, out);
  }
  append_header("x-shared-token", request.secret, out);
  if (!request.cookies.empty()) append_header("cookie", request.cookies, out);
  append_header("accept-encoding", request.plain || !head.accepts_gzip ? "identity" : "gzip", out);
  if (request.content_length) {
    append_header("content-length", std::to_string(*request.content_length), out);
  }
  if (request.upgrade) out += "connection: upgrade\r\nupgrade: websocket\r\n";
  out += "\r\n";
}

bool append_relayed_headers(const RelayHead& head, const PageRules& rules, std::string& out) {
  const std::vector<std::string> options = connection_options(head.headers);
  for (const auto& [name, value] : head.headers) {
    if (among(kHopByHop, name) || among(kNotOutward, name) || listed(options, name)) continue;
    if (name.starts_with("access-control-")) continue;
    if (name == "set-cookie") {
      if (rules.cookies->may_pass(value)) append_header(name, value, out);
    } else if (name == "content-security-policy") {
      const std::string policy = without_frame_ancestors(value);
      if (!policy.empty()) append_header(name, policy, out);
    } else if (name == "location") {
      const std::optional<std::string> location = own_location(value, rules.origin);
      if (!location) return false;
      append_header(name, *location, out);
    } else {
      append_header(name, value, out);
    }
  }
  // Several policies hold together.
  out.append("content-security-policy: frame-ancestors ").append(rules.frame_ancestors);
  out += "\r\nreferrer-policy: no-referrer\r\n";
  return true;
}

std::optional<std::size_t> find_page_head(std::string_view html) noexcept {
  constexpr std::string_view kTag = "<head";
  for (std::size_t at = 0; at + kTag.size() < html.size(); ++at) {
    if (!same_text(html.substr(at, kTag.size()), kTag)) continue;
    const char next = html[at + kTag.size()];
    if (next != '>' && next != ' ' && next != '\t' && next != '\r' && next != '\n') continue;
    const std::size_t end = html.find('>', at);
    if (end == std::string_view::npos) return std::nullopt;
    return end + 1;
  }
  return std::nullopt;
}

}  // namespace weir::proxy
