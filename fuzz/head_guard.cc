// A request head of any bytes, arriving in any pieces. What the guard accepts is checked line by
// line by a plain reading of the rules of RFC 9112, which shares no code with it: one Host, one
// framing, no folding, no control bytes.
#include "http/head_guard.h"

#include <algorithm>
#include <array>
#include <string>
#include <variant>
#include <vector>

#include "fuzz.h"

namespace {

using weir::fuzz::require;
using weir::proxy::HeadScanner;
using weir::proxy::RequestHead;

struct Scanned {
  HeadScanner::State state = HeadScanner::State::kMore;
  std::size_t size = 0;
};

Scanned scan_in_pieces(std::string_view bytes, std::size_t piece) {
  HeadScanner scanner;
  Scanned out;
  for (std::size_t end = 0; out.state == HeadScanner::State::kMore && end < bytes.size();) {
    end = std::min(bytes.size(), end + piece);
    out.state = scanner.scan(bytes.substr(0, end));
  }
  if (out.state == HeadScanner::State::kComplete) out.size = scanner.head_bytes();
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The values of all lines with this name.
std::vector<std::string> values_of(const std::vector<std::string_view>& lines,
                                   std::string_view name) {
  std::vector<std::string> out;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::size_t colon = lines[i].find(':');
    if (lower(lines[i].substr(0, colon)) == name)
      out.emplace_back(trim(lines[i].substr(colon + 1)));
  }
  return out;
}

std::vector<std::string_view> lines_of(std::string_view head) {
  std::vector<std::string_view> lines;
  while (!head.empty()) {
    std::size_t end = head.find("\r\n");
    require(end != std::string_view::npos, "every line ends with CRLF");
    if (end > 0) lines.push_back(head.substr(0, end));
    head.remove_prefix(end + 2);
    require(end > 0 || head.empty(), "nothing follows the empty line");
  }
  return lines;
}

void check_request_line(const RequestHead& head, std::string_view line) {
  std::string expected =
      std::string(weir::method_name(head.method)) + " " + std::string(head.target) + " HTTP/1.1";
  require(line == expected, "the request line is method, target and HTTP/1.1");
  require(head.target.starts_with('/'), "the target is in origin form");
  for (char c : head.target) require(c > 0x20 && c < 0x7F, "the target is visible ASCII");
}

void check_framing(const RequestHead& head, const std::vector<std::string_view>& lines) {
  std::vector<std::string> lengths = values_of(lines, "content-length");
  std::vector<std::string> codings = values_of(lines, "transfer-encoding");
  require(lengths.size() + codings.size() <= 1, "one framing");
  using weir::proxy::BodyFraming;
  switch (head.framing) {
    case BodyFraming::kNone:
      require(lengths.empty() && codings.empty(), "no framing without a header");
      break;
    case BodyFraming::kLength:
      require(lengths.size() == 1 && !lengths[0].empty() &&
                  lengths[0].find_first_not_of("0123456789") == std::string::npos,
              "a length is digits");
      require(
          std::to_string(head.content_length) ==
              lengths[0].substr(std::min(lengths[0].find_first_not_of('0'), lengths[0].size() - 1)),
          "a length is read exactly");
      break;
    case BodyFraming::kChunked:
      require(codings.size() == 1 && lower(codings[0]) == "chunked", "the only coding is chunked");
      break;
  }
}

void check_head(const RequestHead& head, std::string_view bytes) {
  std::vector<std::string_view> lines = lines_of(bytes);
  check_request_line(head, lines.at(0));
  require(head.headers.size() == lines.size() - 1, "one header a line");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    for (char c : lines[i]) {
      require(c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F),
              "no control bytes");
    }
    require(lines[i][0] != ' ' && lines[i][0] != '\t', "no folded lines");
    std::size_t colon = lines[i].find(':');
    require(colon != std::string_view::npos && colon > 0, "a header has a name");
    require(head.headers[i - 1].first == lower(lines[i].substr(0, colon)),
            "names are in lower case");
    require(head.headers[i - 1].second == trim(lines[i].substr(colon + 1)),
            "values have no outer blanks");
  }
  require(values_of(lines, "host").size() == 1, "one Host");
  require(values_of(lines, "upgrade").empty(), "no upgrade");
  check_framing(head, lines);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = weir::fuzz::as_text(data, size);
  Scanned whole = scan_in_pieces(bytes, bytes.size() + 1);
  for (std::size_t piece : std::array<std::size_t, 2>{1, 7}) {
    Scanned pieces = scan_in_pieces(bytes, piece);
    require(pieces.state == whole.state && pieces.size == whole.size, "pieces make no difference");
  }
  if (whole.state != HeadScanner::State::kComplete) return 0;
  require(whole.size <= bytes.size(), "the head lies inside what came");
  std::string_view head_bytes = bytes.substr(0, whole.size);
  auto parsed = weir::proxy::parse_request_head(head_bytes);
  if (auto* head = std::get_if<RequestHead>(&parsed)) {
    RequestHead moved = std::move(*head);
    check_head(moved, head_bytes);
  } else {
    require(weir::deny_info(std::get<weir::DenyCode>(parsed)).status >= 400,
            "a refusal has a status");
  }
  return 0;
}
