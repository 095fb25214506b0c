#include "http/response_head.h"

#include <algorithm>

#include "http/text.h"

namespace weir::proxy {
namespace {

std::optional<std::string_view> take_line(std::string_view& rest) {
  std::size_t end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  std::string_view line = rest.substr(0, end - 1);
  if (line.find('\r') != std::string_view::npos || line.find('\0') != std::string_view::npos)
    return std::nullopt;
  rest.remove_prefix(end + 1);
  return line;
}

// "HTTP/1.1 200 OK"; the reason may be missing.
bool parse_status_line(std::string_view line, ResponseHead& head) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (!line.starts_with(kVersion)) return false;
  std::string_view code = line.substr(kVersion.size(), 3);
  bool digits = code.size() == 3 && std::all_of(code.begin(), code.end(), is_digit);
  bool ended = line.size() == kVersion.size() + 3 ||
               (line.size() > kVersion.size() + 3 && line[kVersion.size() + 3] == ' ');
  if (!digits || !ended) return false;
  head.status = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
  return head.status >= 100 && head.status <= 599;
}

struct Seen {
  int framings = 0;
  int types = 0;
  int encodings = 0;
};

bool take_header(std::string_view name, std::string_view value, ResponseHead& head, Seen& seen) {
  if (same_text(name, "content-length")) {
    std::optional<std::uint64_t> length = parse_length(value);
    if (!length || ++seen.framings > 1) return false;
    head.framing = BodyFraming::kLength;
    head.content_length = *length;
  } else if (same_text(name, "transfer-encoding")) {
    if (!same_text(value, "chunked") || ++seen.framings > 1) return false;
    head.framing = BodyFraming::kChunked;
  } else if (same_text(name, "content-type")) {
    if (++seen.types > 1) return false;
    head.content_type = value;
  } else if (same_text(name, "etag")) {
    head.etag = value;
  } else if (same_text(name, "content-encoding")) {
    if (++seen.encodings > 1) return false;
    if (same_text(value, "gzip")) {
      head.encoding = ResponseEncoding::kGzip;
    } else if (!same_text(value, "identity")) {
      return false;
    }
  } else if (same_text(name, "connection")) {
    while (!value.empty()) {
      if (same_text(next_item(value, ','), "close")) head.keep_alive = false;
    }
  }
  return true;
}

}  // namespace

namespace {

// Everything as at the beginning, but for the memory of the texts.
void clear(ResponseHead& head) {
  std::string content_type = std::move(head.content_type);
  std::string etag = std::move(head.etag);
  head = ResponseHead();
  content_type.clear();
  etag.clear();
  head.content_type = std::move(content_type);
  head.etag = std::move(etag);
}

}  // namespace

bool parse_response_head(std::string_view bytes, bool to_head, ResponseHead& head) {
  clear(head);
  std::string_view rest = bytes;
  std::optional<std::string_view> line = take_line(rest);
  if (!line || !parse_status_line(*line, head)) return false;

  Seen seen;
  for (line = take_line(rest); line && !line->empty(); line = take_line(rest)) {
    std::size_t colon = line->find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    std::string_view name = line->substr(0, colon);
    if (!std::all_of(name.begin(), name.end(), is_token_char)) return false;
    if (!take_header(name, trim(line->substr(colon + 1)), head, seen)) return false;
  }
  if (!line || !rest.empty()) return false;

  bool bodiless = to_head || head.status < 200 || head.status == 204 || head.status == 304;
  if (bodiless) head.framing = BodyFraming::kNone;
  // Without a framing its end would be the end of the connection, and a cut answer would look
  // whole.
  return bodiless || head.framing != BodyFraming::kNone;
}

std::optional<ResponseHead> parse_response_head(std::string_view bytes, bool to_head) {
  ResponseHead head;
  if (!parse_response_head(bytes, to_head, head)) return std::nullopt;
  return head;
}

bool is_json(std::string_view content_type) noexcept {
  return same_text(next_item(content_type, ';'), "application/json");
}

}  // namespace weir::proxy
