#include "http/head_guard.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "http/text.h"

namespace weir::proxy {
namespace {

using Problem = std::optional<DenyCode>;

constexpr std::size_t kMaxOpaqueId = 128;

constexpr std::array kMethods = {Method::kGet,    Method::kHead,  Method::kPost,   Method::kPut,
                                 Method::kDelete, Method::kPatch, Method::kOptions};

// What may stand inside a line.
constexpr std::array<bool, 256> kText = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) {
    table[c] = !is_control(static_cast<char>(c)) || c == '\t';
  }
  return table;
}();

// One line without its CRLF; nothing when there is a CR or LF anywhere else.
std::optional<std::string_view> take_line(std::string_view& rest) {
  std::size_t end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  std::string_view line = rest.substr(0, end - 1);
  if (line.find('\r') != std::string_view::npos) return std::nullopt;
  rest.remove_prefix(end + 1);
  return line;
}

Problem parse_version(std::string_view version) {
  if (version == "HTTP/1.1") return std::nullopt;
  return version.starts_with("HTTP/") ? DenyCode::kHttpVersion : DenyCode::kHttpMalformed;
}

Problem parse_request_line(std::string_view line, RequestHead& head) {
  std::size_t first = line.find(' ');
  std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == 0 || last == first)
    return DenyCode::kHttpMalformed;
  std::string_view method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  if (!std::all_of(method.begin(), method.end(), is_token_char)) return DenyCode::kHttpMalformed;
  if (Problem problem = parse_version(line.substr(last + 1))) return problem;

  auto known = std::find_if(kMethods.begin(), kMethods.end(),
                            [&](Method m) { return method_name(m) == method; });
  if (known == kMethods.end()) return DenyCode::kMethodUnknown;
  head.method = *known;

  // A fragment never travels; with one, somebody built this by hand.
  bool origin_form =
      !target.empty() && target.front() == '/' &&
      std::all_of(target.begin(), target.end(), [](char c) { return is_visible(c) && c != '#'; });
  if (!origin_form) return DenyCode::kTargetMalformed;
  head.target = target;
  return std::nullopt;
}

bool valid_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
           std::string_view(".-_:[]~").find(c) != std::string_view::npos;
  });
}

// Only an explicit `gzip` counts; `*` is not taken up.
bool lists_gzip(std::string_view value) {
  while (!value.empty()) {
    std::string_view item = next_item(value, ',');
    std::string_view coding = next_item(item, ';');
    if (!same_text(coding, "gzip")) continue;
    std::string_view weight = trim(item);
    bool zero = weight.starts_with("q=0") || weight.starts_with("Q=0");
    return !zero || weight.find_first_not_of("0.", 2) != std::string_view::npos;
  }
  return false;
}

// What has been seen of the headers that may stand only once.
struct Seen {
  int host = 0;
  int length = 0;
  int encoding = 0;  // Transfer-Encoding
  int content_type = 0;
  int content_encoding = 0;
  int expect = 0;
  int opaque_id = 0;
  // WebSocket.
  bool may_upgrade = false;
  bool connection_upgrade = false;
  int upgrade = 0;
};

Problem take_connection(std::string_view value, RequestHead& head, Seen& seen) {
  while (!value.empty()) {
    std::string_view option = next_item(value, ',');
    if (same_text(option, "close")) head.keep_alive = false;
    const bool upgrade = same_text(option, "upgrade");
    if ((upgrade && !seen.may_upgrade) || same_text(option, "http2-settings"))
      return DenyCode::kHttpUpgrade;
    seen.connection_upgrade = seen.connection_upgrade || upgrade;
  }
  return std::nullopt;
}

Problem take_upgrade(std::string_view value, Seen& seen) {
  if (!seen.may_upgrade || ++seen.upgrade > 1 || !same_text(value, "websocket"))
    return DenyCode::kHttpUpgrade;
  return std::nullopt;
}

// One protocol, asked for in full, by a request that has no body of its own.
Problem finish_upgrade(const Seen& seen, RequestHead& head) {
  head.upgrade = seen.upgrade == 1;
  if (head.upgrade != seen.connection_upgrade) return DenyCode::kHttpUpgrade;
  if (head.upgrade && (head.method != Method::kGet || head.framing != BodyFraming::kNone))
    return DenyCode::kHttpUpgrade;
  return std::nullopt;
}

Problem take_framing(std::string_view name, std::string_view value, RequestHead& head, Seen& seen) {
  if (name == "content-length") {
    std::optional<std::uint64_t> length = parse_length(value);
    if (++seen.length > 1 || !length) return DenyCode::kHttpFraming;
    head.framing = BodyFraming::kLength;
    head.content_length = *length;
  } else {
    if (++seen.encoding > 1 || !same_text(value, "chunked")) return DenyCode::kHttpFraming;
    head.framing = BodyFraming::kChunked;
  }
  if (seen.length + seen.encoding > 1) return DenyCode::kHttpFraming;
  return std::nullopt;
}

Problem take_credential(std::optional<std::string_view>& place, std::string_view value) {
  if (place) return DenyCode::kTokenConflict;
  place = value;
  return std::nullopt;
}

Problem take_content_encoding(std::string_view value, RequestHead& head, Seen& seen) {
  if (++seen.content_encoding > 1) return DenyCode::kBodyContentEncoding;
  head.gzip_body = same_text(value, "gzip") || same_text(value, "x-gzip");
  if (!head.gzip_body && !same_text(value, "identity")) return DenyCode::kBodyContentEncoding;
  return std::nullopt;
}

Problem take_header(std::string_view name, std::string_view value, RequestHead& head, Seen& seen) {
  if (name == "host") {
    if (++seen.host > 1 || !valid_host(value)) return DenyCode::kHttpHost;
  } else if (name == "content-length" || name == "transfer-encoding") {
    return take_framing(name, value, head, seen);
  } else if (name == "content-type") {
    if (++seen.content_type > 1) return DenyCode::kHttpMalformed;
    head.content_type = value;
  } else if (name == "content-encoding") {
    return take_content_encoding(value, head, seen);
  } else if (name == "authorization") {
    return take_credential(head.authorization, value);
  } else if (name == "x-shared-token") {
    return take_credential(head.shared_token, value);
  } else if (name == "connection") {
    return take_connection(value, head, seen);
  } else if (name == "upgrade") {
    return take_upgrade(value, seen);
  } else if (name == "http2-settings") {
    return DenyCode::kHttpUpgrade;
  } else if (name == "expect") {
    if (++seen.expect > 1 || !same_text(value, "100-continue")) return DenyCode::kHttpExpect;
    head.expect_continue = true;
  } else if (name == "accept-encoding") {
    head.accepts_gzip = head.accepts_gzip || lists_gzip(value);
  } else if (name == "x-opaque-id") {
    bool fit = ++seen.opaque_id == 1 && value.size() <= kMaxOpaqueId &&
               std::all_of(value.begin(), value.end(), is_visible);
    head.opaque_id = fit ? value : std::string_view();
  }
  return std::nullopt;
}

// `line` lies in the head's own copy, so that its name can be put into lower case in place.
Problem parse_header_line(std::string_view line, RequestHead& head, Seen& seen) {
  std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return DenyCode::kHttpMalformed;
  std::string_view name = line.substr(0, colon);
  // Also refuses a line that begins with a blank (folding) and a blank before the colon.
  if (!std::all_of(name.begin(), name.end(), is_token_char)) return DenyCode::kHttpMalformed;
  std::string_view value = trim(line.substr(colon + 1));
  bool control =
      std::any_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; });
  if (control) return DenyCode::kHttpMalformed;

  char* at = head.bytes() + (name.data() - head.bytes());
  std::transform(at, at + name.size(), at, to_lower);
  head.headers.emplace_back(name, value);
  return take_header(name, value, head, seen);
}

}  // namespace

void RequestHead::assign(std::string_view bytes) {
  wipe();
  std::unique_ptr<char[]> memory = std::move(bytes_);
  std::size_t capacity = std::exchange(capacity_, 0);
  std::vector<Header> lines = std::move(headers);
  *this = RequestHead();
  if (capacity < bytes.size()) {
    memory = std::make_unique_for_overwrite<char[]>(bytes.size());
    capacity = bytes.size();
  }
  std::copy(bytes.begin(), bytes.end(), memory.get());
  bytes_ = std::move(memory);
  capacity_ = capacity;
  size_ = bytes.size();
  lines.clear();
  headers = std::move(lines);
}

void RequestHead::wipe() noexcept {
  if (size_ != 0) OPENSSL_cleanse(bytes_.get(), size_);
  size_ = 0;
}

RequestHead::RequestHead(RequestHead&& other) noexcept { *this = std::move(other); }

RequestHead& RequestHead::operator=(RequestHead&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  method = other.method;
  target = other.target;
  headers = std::move(other.headers);
  framing = other.framing;
  content_length = other.content_length;
  gzip_body = other.gzip_body;
  expect_continue = other.expect_continue;
  keep_alive = other.keep_alive;
  upgrade = other.upgrade;
  accepts_gzip = other.accepts_gzip;
  content_type = other.content_type;
  opaque_id = other.opaque_id;
  authorization = other.authorization;
  shared_token = other.shared_token;
  bytes_ = std::move(other.bytes_);
  capacity_ = std::exchange(other.capacity_, 0);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

RequestHead::~RequestHead() { wipe(); }

HeadScanner::State HeadScanner::scan(std::string_view bytes) {
  for (; seen_ < bytes.size(); ++seen_) {
    if (!cr_) {
      const std::size_t from = seen_;
      while (seen_ < bytes.size() && kText[static_cast<unsigned char>(bytes[seen_])]) ++seen_;
      line_ += seen_ - from;
      if (seen_ == bytes.size()) break;
    }
    char c = bytes[seen_];
    if (cr_ != (c == '\n')) return State::kMalformed;  // CR and LF only as a pair
    if (c == '\n') {
      cr_ = false;
      if (line_ == 0) {
        bool first_line = seen_ == 1;
        if (first_line) return State::kMalformed;
        ++seen_;
        return State::kComplete;
      }
      line_ = 0;
    } else if (c == '\r') {
      cr_ = true;
    } else {
      return State::kMalformed;  // any other control character
    }
  }
  return State::kMore;
}

std::optional<DenyCode> parse_request_head(std::string_view bytes, const HeadLimits& limits,
                                           RequestHead& head) {
  if (bytes.size() > limits.max_bytes) return DenyCode::kHttpHeadTooLarge;
  head.assign(bytes);
  std::string_view rest(head.bytes(), bytes.size());
  if (rest.find('\0') != std::string_view::npos) return DenyCode::kHttpMalformed;

  std::optional<std::string_view> line = take_line(rest);
  if (!line) return DenyCode::kHttpMalformed;
  if (Problem problem = parse_request_line(*line, head)) return problem;

  Seen seen;
  seen.may_upgrade = limits.upgrades;
  for (line = take_line(rest); line && !line->empty(); line = take_line(rest)) {
    if (head.headers.size() == limits.max_headers) return DenyCode::kHttpHeadTooLarge;
    if (Problem problem = parse_header_line(*line, head, seen)) return problem;
  }
  if (!line || !rest.empty()) return DenyCode::kHttpMalformed;
  if (seen.host != 1) return DenyCode::kHttpHost;
  if (Problem problem = finish_upgrade(seen, head)) return *problem;
  bool empty = head.framing == BodyFraming::kNone ||
               (head.framing == BodyFraming::kLength && head.content_length == 0);
  if (empty) head.gzip_body = false;  // some clients send the header with every request
  return std::nullopt;
}

std::variant<RequestHead, DenyCode> parse_request_head(std::string_view bytes,
                                                       const HeadLimits& limits) {
  RequestHead head;
  if (Problem problem = parse_request_head(bytes, limits, head)) return *problem;
  return head;
}

}  // namespace weir::proxy
