#include "http/head_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::proxy {
namespace {

using namespace std::string_literals;

std::string with(const std::string& lines) {
  return "POST /i/_search HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

std::string line(const std::string& request_line) { return request_line + "\r\nHost: a\r\n\r\n"; }

std::string verdict_of(std::string_view raw, const HeadLimits& limits = {}) {
  auto parsed = parse_request_head(raw, limits);
  if (const auto* code = std::get_if<DenyCode>(&parsed)) return std::string(deny_info(*code).code);
  return "ok";
}

RequestHead accept(std::string_view raw) {
  auto parsed = parse_request_head(raw);
  auto* head = std::get_if<RequestHead>(&parsed);
  EXPECT_NE(head, nullptr) << raw;
  return head != nullptr ? std::move(*head) : RequestHead();
}

struct Case {
  std::string raw;
  std::string expected;
};

TEST(HeadGuard, AnswersEveryHeadOfTheTable) {
  const std::vector<Case> cases = {
      // request line
      {line("GET / HTTP/1.1"), "ok"},
      {line("GET /a/b?c=%20d HTTP/1.1"), "ok"},
      {line("OPTIONS / HTTP/1.1"), "ok"},
      {line("PATCH / HTTP/1.1"), "ok"},
      {line("GET / HTTP/1.0"), "http.version"},
      {line("GET / HTTP/2"), "http.version"},
      {line("PRI * HTTP/2.0"), "http.version"},
      {line("GET / HTTP/1.1 "), "http.malformed"},
      {line("GET / http/1.1"), "http.malformed"},
      {line("GET /"), "http.malformed"},
      {line("GET"), "http.malformed"},
      {line(""), "http.malformed"},
      {line(" GET / HTTP/1.1"), "http.malformed"},
      {line("G(T / HTTP/1.1"), "http.malformed"},
      {line("get / HTTP/1.1"), "http.method"},
      {line("TRACE / HTTP/1.1"), "http.method"},
      {line("CONNECT a:1 HTTP/1.1"), "http.method"},
      {line("PROPFIND / HTTP/1.1"), "http.method"},
      {line("GET http://a/ HTTP/1.1"), "target.malformed"},
      {line("GET a HTTP/1.1"), "target.malformed"},
      {line("OPTIONS * HTTP/1.1"), "target.malformed"},
      {line("GET /a b HTTP/1.1"), "target.malformed"},
      {line("GET  / HTTP/1.1"), "target.malformed"},
      {line("GET /a#b HTTP/1.1"), "target.malformed"},
      {line("GET /\xc3\xa9 HTTP/1.1"), "target.malformed"},
      {line("GET /a\tb HTTP/1.1"), "target.malformed"},
      {line("GET /\x7f HTTP/1.1"), "target.malformed"},
      // line ends and structure
      {"GET / HTTP/1.1\nHost: a\n\n", "http.malformed"},
      {"GET / HTTP/1.1\r\nHost: a\n\r\n", "http.malformed"},
      {"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", "http.malformed"},
      {"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "http.malformed"},
      {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "http.malformed"},
      {"GET / HTTP/1.1\r\nHost: a\r\n", "http.malformed"},
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET", "http.malformed"},
      {"", "http.malformed"},
      {with("X: a\0b\r\n"s), "http.malformed"},
      {"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, "http.malformed"},
      // header lines
      {with("X-Y: z\r\n"), "ok"},
      {with("X:\r\n"), "ok"},
      {with("X: a\tb\r\n"), "ok"},
      {with("X: caf\xc3\xa9\r\n"), "ok"},
      {with(" folded\r\n"), "http.malformed"},
      {with("X: a\r\n b\r\n"), "http.malformed"},
      {with("X: a\r\n\tb\r\n"), "http.malformed"},
      {with("X : a\r\n"), "http.malformed"},
      {with("X\t: a\r\n"), "http.malformed"},
      {with(": a\r\n"), "http.malformed"},
      {with("X\r\n"), "http.malformed"},
      {with("X(Y): a\r\n"), "http.malformed"},
      {with("X\xc3: a\r\n"), "http.malformed"},
      {with("X: a\x01\r\n"), "http.malformed"},
      {with("X: a\x7f\r\n"), "http.malformed"},
      {with("X: a\x1b[31m\r\n"), "http.malformed"},
      // host
      {"GET / HTTP/1.1\r\n\r\n", "http.host"},
      {"GET / HTTP/1.1\r\nX: y\r\n\r\n", "http.host"},
      {with("Host: a\r\n"), "http.host"},
      {with("host: b\r\n"), "http.host"},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "http.host"},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "http.host"},
      {"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", "http.host"},
      {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "http.host"},
      {"GET / HTTP/1.1\r\nHost: [::1]:9600\r\n\r\n", "ok"},
      // framing
      {with("Content-Length: 0\r\n"), "ok"},
      {with("Content-Length: 0012\r\n"), "ok"},
      {with("Content-Length: 1\r\nContent-Length: 1\r\n"), "http.framing"},
      {with("Content-Length: 1\r\ncontent-length: 2\r\n"), "http.framing"},
      {with("Content-Length: 1, 1\r\n"), "http.framing"},
      {with("Content-Length: +1\r\n"), "http.framing"},
      {with("Content-Length: -1\r\n"), "http.framing"},
      {with("Content-Length: 0x1\r\n"), "http.framing"},
      {with("Content-Length: 1.0\r\n"), "http.framing"},
      {with("Content-Length:\r\n"), "http.framing"},
      {with("Content-Length: 1 1\r\n"), "http.framing"},
      {with("Content-Length: 9999999999999999999\r\n"), "ok"},
      {with("Content-Length: 18446744073709551616\r\n"), "http.framing"},
      {with("Content-Length: 00000000000000000001\r\n"), "http.framing"},
      {with("Transfer-Encoding: chunked\r\n"), "ok"},
      {with("Transfer-Encoding: CHUNKED\r\n"), "ok"},
      {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "http.framing"},
      {with("Transfer-Encoding: chunked, chunked\r\n"), "http.framing"},
      {with("Transfer-Encoding: gzip, chunked\r\n"), "http.framing"},
      {with("Transfer-Encoding: identity\r\n"), "http.framing"},
      {with("Transfer-Encoding: xchunked\r\n"), "http.framing"},
      {with("Transfer-Encoding: gzip\r\n"), "http.framing"},
      {with("Transfer-Encoding:\r\n"), "http.framing"},
      {with("Transfer-Encoding: \x0b"
            "chunked\r\n"),
       "http.malformed"},
      {with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), "http.framing"},
      {with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), "http.framing"},
      // upgrades and expectations
      {with("Upgrade: h2c\r\n"), "http.upgrade"},
      {with("Upgrade: websocket\r\nConnection: Upgrade\r\n"), "http.upgrade"},
      {with("HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"), "http.upgrade"},
      {with("Connection: keep-alive, Upgrade\r\n"), "http.upgrade"},
      {with("Connection: close\r\n"), "ok"},
      {with("Expect: 100-continue\r\n"), "ok"},
      {with("Expect: 100-Continue\r\n"), "ok"},
      {with("Expect: 200-ok\r\n"), "http.expect"},
      {with("Expect: 100-continue\r\nExpect: 100-continue\r\n"), "http.expect"},
      {with("Expect: 100-continue, x\r\n"), "http.expect"},
      // representation
      {with("Content-Type: application/json\r\n"), "ok"},
      {with("Content-Type: a/b\r\nContent-Type: a/b\r\n"), "http.malformed"},
      {with("Content-Encoding: gzip\r\nContent-Length: 9\r\n"), "ok"},
      {with("Content-Encoding: x-gzip\r\nContent-Length: 9\r\n"), "ok"},
      {with("Content-Encoding: identity\r\nContent-Length: 9\r\n"), "ok"},
      {with("Content-Encoding: gzip, gzip\r\nContent-Length: 9\r\n"), "body.content_encoding"},
      {with("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"), "body.content_encoding"},
      {with("Content-Encoding: deflate\r\n"), "body.content_encoding"},
      {with("Content-Encoding: br\r\n"), "body.content_encoding"},
      {with("Content-Encoding:\r\n"), "body.content_encoding"},
      // credentials
      {with("Authorization: Bearer t\r\nX-Shared-Token: t\r\n"), "ok"},
      {with("Authorization: Bearer t\r\nAuthorization: Bearer t\r\n"), "token.conflict"},
      {with("X-Shared-Token: t\r\nx-shared-token: t\r\n"), "token.conflict"},
  };
  for (const Case& test : cases) EXPECT_EQ(verdict_of(test.raw), test.expected) << test.raw;
}

TEST(HeadGuard, BoundsBytesAndHeaders) {
  EXPECT_EQ(verdict_of(with("X: " + std::string(100, 'x') + "\r\n"), {.max_bytes = 100}),
            "http.head_too_large");
  std::string three = with("A: 1\r\nB: 2\r\n");
  EXPECT_EQ(verdict_of(three, {.max_headers = 3}), "ok");
  EXPECT_EQ(verdict_of(three, {.max_headers = 2}), "http.head_too_large");
}

TEST(HeadGuard, ReadsWhatTheRequestNeeds) {
  RequestHead head = accept(
      "PUT /x?y=z HTTP/1.1\r\nHost: a:1\r\nContent-Length: 0042\r\nCONTENT-TYPE: \t "
      "application/json \r\n"
      "Content-Encoding: GZIP\r\nExpect: 100-continue\r\nAccept-Encoding: br, "
      "gzip;q=0.5\r\nX-Opaque-Id: job-7\r\n"
      "Authorization: Bearer abc\r\nConnection: foo, Close\r\n\r\n");
  EXPECT_EQ(head.method, Method::kPut);
  EXPECT_EQ(head.target, "/x?y=z");
  EXPECT_EQ(head.framing, BodyFraming::kLength);
  EXPECT_EQ(head.content_length, 42u);
  EXPECT_EQ(head.content_type, "application/json");
  EXPECT_TRUE(head.gzip_body);
  EXPECT_TRUE(head.expect_continue);
  EXPECT_TRUE(head.accepts_gzip);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_EQ(head.opaque_id, "job-7");
  EXPECT_EQ(head.authorization, "Bearer abc");
  EXPECT_FALSE(head.shared_token);
  EXPECT_EQ(head.headers[1].first, "content-length");
  EXPECT_EQ(head.headers[2].first, "content-type");
}

TEST(HeadGuard, KeepsItsViewsWhenMoved) {
  RequestHead first = accept(with("X-Shared-Token: secret\r\n"));
  RequestHead second = std::move(first);
  RequestHead third;
  third = std::move(second);
  EXPECT_EQ(third.target, "/i/_search");
  EXPECT_EQ(third.shared_token, "secret");
}

TEST(HeadGuard, TakesOnlyAPlainOpaqueId) {
  EXPECT_EQ(accept(with("X-Opaque-Id: a b\r\n")).opaque_id, "");
  EXPECT_EQ(accept(with("X-Opaque-Id: " + std::string(128, 'a') + "\r\n")).opaque_id.size(), 128u);
  EXPECT_EQ(accept(with("X-Opaque-Id: " + std::string(129, 'a') + "\r\n")).opaque_id, "");
  EXPECT_EQ(accept(with("X-Opaque-Id: a\r\nX-Opaque-Id: b\r\n")).opaque_id, "");
  EXPECT_EQ(accept(with("X-Opaque-Id: \xc3\xa9\r\n")).opaque_id, "");
}

TEST(HeadGuard, ReadsAcceptEncoding) {
  EXPECT_TRUE(accept(with("Accept-Encoding: gzip\r\n")).accepts_gzip);
  EXPECT_TRUE(accept(with("Accept-Encoding: deflate , GZIP ; q=1.0\r\n")).accepts_gzip);
  EXPECT_FALSE(accept(with("Accept-Encoding: gzip;q=0\r\n")).accepts_gzip);
  EXPECT_FALSE(accept(with("Accept-Encoding: gzip; q=0.000\r\n")).accepts_gzip);
  EXPECT_FALSE(accept(with("Accept-Encoding: *\r\n")).accepts_gzip);
  EXPECT_FALSE(accept(with("Accept-Encoding: xgzip\r\n")).accepts_gzip);
  EXPECT_FALSE(accept(with("")).accepts_gzip);
}

TEST(HeadGuard, IgnoresTheCodingOfAnAbsentBody) {
  EXPECT_FALSE(accept(with("Content-Encoding: gzip\r\n")).gzip_body);
  EXPECT_FALSE(accept(with("Content-Encoding: gzip\r\nContent-Length: 0\r\n")).gzip_body);
}

TEST(HeadScanner, FindsTheEndAtEverySplit) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  std::string bytes = head + "GET /next";
  for (std::size_t split = 0; split <= bytes.size(); ++split) {
    HeadScanner scanner;
    auto state = scanner.scan(std::string_view(bytes).substr(0, split));
    EXPECT_EQ(state == HeadScanner::State::kComplete, split >= head.size());
    if (state == HeadScanner::State::kMore) state = scanner.scan(bytes);
    EXPECT_EQ(state, HeadScanner::State::kComplete);
    EXPECT_EQ(scanner.head_bytes(), head.size());
  }
}

TEST(HeadScanner, DoesNotWaitForWhatCannotBecomeAHead) {
  for (const std::string& bytes : {"GET / HTTP/1.1\n"s, "GET / HTTP/1.1\rX"s, "GET / HTTP/1.1\r\r"s,
                                   "\r\n"s, "\n"s, "GET /\0"s, "\x16\x03\x01"s, "G\x7f"s}) {
    HeadScanner scanner;
    EXPECT_EQ(scanner.scan(bytes), HeadScanner::State::kMalformed) << bytes;
  }
}

}  // namespace
}  // namespace weir::proxy
