#include "front/pages.h"

#include "http/head_writer.h"

namespace weir::proxy {
namespace {

struct Text {
  int status;
  std::string_view code;
  std::string_view title;
  std::string_view advice;
};

Text text_of(Notice notice) noexcept {
  switch (notice) {
    case Notice::kNoLink:
      return {401, "front.no_link", "This shared view is not available",
              "The link may be incomplete, or it no longer works. Ask whoever shared it with you "
              "for a new one."};
    case Notice::kElsewhere:
      return {403, "front.elsewhere", "This shared view cannot be opened from here",
              "It is meant for another address or network. Ask whoever shared it with you."};
    case Notice::kReadOnly:
      return {403, "front.read_only", "This is a shared view",
              "It can be looked at, not changed; this part of it is not shared."};
    case Notice::kBadRequest:
      return {400, "front.bad_request", "This address is not understood",
              "Open the link again exactly as it was sent to you."};
    case Notice::kNotFound:
      return {404, "front.not_found", "There is nothing at this address",
              "Open the link again exactly as it was sent to you."};
    case Notice::kTooLarge:
      return {413, "front.too_large", "This request is too large", "Ask for less at once."};
    case Notice::kUnavailable:
      return {503, "front.unavailable", "The shared view does not answer",
              "Try again in a moment."};
  }
  return {500, "front.unknown", "Something went wrong", "Try again in a moment."};
}

}  // namespace

int notice_status(Notice notice) noexcept { return text_of(notice).status; }
std::string_view notice_code(Notice notice) noexcept { return text_of(notice).code; }

std::string notice_page(Notice notice) {
  const Text text = text_of(notice);
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"robots\" content=\"noindex\">\n<title>";
  out.append(text.title)
      .append(
          "</title>\n<link rel=\"stylesheet\" href=\"/.weir/viewer.css\">\n</head>\n"
          "<body class=\"notice\">\n<main>\n<h1>");
  out.append(text.title).append("</h1>\n<p>").append(text.advice);
  out += "</p>\n</main>\n</body>\n</html>\n";
  return out;
}

std::string notice_json(Notice notice) {
  const Text text = text_of(notice);
  std::string out = "{\"statusCode\":" + std::to_string(text.status) + ",\"error\":\"";
  out.append(status_reason(text.status)).append("\",\"message\":\"").append(text.title);
  out.append(". ").append(text.advice).append("\",\"code\":\"").append(text.code).append("\"}");
  return out;
}

std::string_view header_of(const RequestHead& head, std::string_view name) noexcept {
  for (const auto& [key, value] : head.headers) {
    if (key == name) return value;
  }
  return {};
}

bool is_navigation(const RequestHead& head) noexcept {
  const std::string_view mode = header_of(head, "sec-fetch-mode");
  if (!mode.empty()) return mode == "navigate";
  return header_of(head, "accept").find("text/html") != std::string_view::npos;
}

}  // namespace weir::proxy
