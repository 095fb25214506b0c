#include "http/head_writer.h"

#include <array>
#include <charconv>

#include "http/text.h"

namespace weir::proxy {
namespace {

void append_number(std::uint64_t value, int base, std::string& out) {
  std::array<char, 24> text{};
  auto end = std::to_chars(text.data(), text.data() + text.size(), value, base);
  out.append(text.data(), end.ptr);
}

void append_header(std::string_view name, std::string_view value, std::string& out) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

}  // namespace

std::string_view status_reason(int status) noexcept {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
  }
  return "";
}

void append_answer_head(const AnswerHead& head, std::string& out) {
  out += "HTTP/1.1 ";
  append_number(static_cast<std::uint64_t>(head.status), 10, out);
  out += ' ';
  out += status_reason(head.status);
  out += "\r\n";
  if (!head.content_type.empty()) append_header("content-type", head.content_type, out);
  if (head.content_length) {
    out += "content-length: ";
    append_number(*head.content_length, 10, out);
    out += "\r\n";
  } else if (!head.bodiless) {
    append_header("transfer-encoding", "chunked", out);
  }
  if (head.gzip) out += "content-encoding: gzip\r\nvary: accept-encoding\r\n";
  if (head.challenge) append_header("www-authenticate", "Bearer", out);
  if (head.retry_after != 0) {
    out += "retry-after: ";
    append_number(head.retry_after, 10, out);
    out += "\r\n";
  }
  append_header("cache-control", "no-store", out);
  append_header("x-weir-request-id", head.request_id, out);
  if (!head.opaque_id.empty()) append_header("x-opaque-id", head.opaque_id, out);
  if (!head.keep_alive) append_header("connection", "close", out);
  out += "\r\n";
}

std::string_view answer_content_type(std::string_view upstream_type) noexcept {
  next_item(upstream_type, ';');
  while (!upstream_type.empty()) {
    if (same_text(next_item(upstream_type, ';'), "charset=utf-8"))
      return "application/json; charset=UTF-8";
  }
  return "application/json";
}

void append_upstream_head(const UpstreamRequestHead& head, std::string& out) {
  out += method_name(head.method);
  out += ' ';
  out += head.path_prefix;
  out += head.target;
  out += " HTTP/1.1\r\n";
  out += head.fixed_headers;
  append_header("accept", "application/json", out);
  append_header("accept-encoding", head.gzip ? "gzip" : "identity", out);
  if (!head.content_type.empty()) append_header("content-type", head.content_type, out);
  if (head.content_length) {
    out += "content-length: ";
    append_number(*head.content_length, 10, out);
    out += "\r\n";
  }
  if (!head.opaque_id.empty()) append_header("x-opaque-id", head.opaque_id, out);
  out += "\r\n";
}

void append_chunk_size(std::uint64_t size, std::string& out) {
  append_number(size, 16, out);
  out += "\r\n";
}

}  // namespace weir::proxy
