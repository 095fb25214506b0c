#include "front/relay_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::optional<RelayHead> parse(std::string_view lines, bool to_head = false) {
  return parse_relay_head("HTTP/1.1 200 OK\r\n" + std::string(lines) + "\r\n", to_head);
}

TEST(RelayHead, KnowsWhereTheAnswerEnds) {
  const auto sized = parse("Content-Length: 12\r\nX-A: b\r\n");
  ASSERT_TRUE(sized);
  EXPECT_EQ(sized->framing, BodyFraming::kLength);
  EXPECT_EQ(sized->content_length, 12U);
  EXPECT_EQ(sized->value("x-a"), "b");
  EXPECT_TRUE(sized->keep_alive);
  EXPECT_EQ(parse("transfer-encoding: Chunked\r\nconnection: Close\r\n")->framing,
            BodyFraming::kChunked);
  EXPECT_FALSE(parse("transfer-encoding: chunked\r\nconnection: a, Close\r\n")->keep_alive);
  EXPECT_EQ(parse("content-length: 12\r\n", true)->framing, BodyFraming::kNone);
  EXPECT_EQ(parse_relay_head("HTTP/1.1 304 Not Modified\r\n\r\n", false)->framing,
            BodyFraming::kNone);
}

TEST(RelayHead, RefusesWhatLeavesADoubt) {
  for (const char* lines :
       {"", "content-length: 1\r\ncontent-length: 1\r\n", "content-length: -1\r\n",
        "content-length: 1\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: gzip, chunked\r\n", "content-length: 1\r\n folded: x\r\n",
        "content-length: 1\r\nno colon\r\n", "content-length: 1\r\n: x\r\n",
        "content-length: 1\r\na\x01: x\r\n", "content-length: 1\r\na: \x01\r\n",
        "content-length: 1\r\na: x\ny: z\r\n"}) {
    EXPECT_FALSE(parse(lines)) << lines;
  }
  for (const char* bytes : {"HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\n",
                            "HTTP/1.1 2x0 OK\r\ncontent-length: 1\r\n\r\n",
                            "HTTP/1.1 600 OK\r\ncontent-length: 1\r\n\r\n",
                            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n"}) {
    EXPECT_FALSE(parse_relay_head(bytes, false)) << bytes;
  }
}

class Relayed : public ::testing::Test {
 protected:
  std::optional<std::string> headers(std::string_view lines) {
    std::string out;
    const auto head = parse("content-length: 1\r\n" + std::string(lines));
    if (!head ||
        !append_relayed_headers(*head, {&cookies_, "'self'", "http://dashboards:5601"}, out))
      return std::nullopt;
    return out;
  }

  FrontCookies cookies_{false, SameSite::kLax};
};

TEST_F(Relayed, KeepsEmbeddersToThemselves) {
  const std::string out = *headers(
      "content-security-policy: default-src 'self'; Frame-Ancestors *;script-src 'self'\r\n"
      "content-security-policy: frame-ancestors *\r\nx-frame-options: ALLOWALL\r\n");
  EXPECT_THAT(out, HasSubstr("content-security-policy: default-src 'self'; script-src 'self'\r\n"));
  EXPECT_THAT(out, HasSubstr("content-security-policy: frame-ancestors 'self'\r\n"));
  EXPECT_THAT(out, Not(HasSubstr("*")));
  EXPECT_THAT(out, Not(HasSubstr("x-frame-options")));
}

TEST_F(Relayed, LetsNoCookieTakeThePlaceOfTheFronts) {
  for (const char* cookie : {"weir=x", "WEIR=x; Path=/", " weir =x", "__Host-weir=x; Secure",
                             "__host-WEIR=x", "weir-replaced=1", "=weir=x", "weir", ""}) {
    EXPECT_THAT(*headers("set-cookie: " + std::string(cookie) + "\r\n"),
                Not(HasSubstr("set-cookie")))
        << cookie;
  }
  EXPECT_THAT(*headers("set-cookie: weird=x; HttpOnly\r\n"),
              HasSubstr("set-cookie: weird=x; HttpOnly\r\n"));
}

TEST_F(Relayed, LeadsNowhereElse) {
  EXPECT_THAT(*headers("location: /app/home\r\n"), HasSubstr("location: /app/home\r\n"));
  EXPECT_THAT(*headers("location: http://dashboards:5601/app/home\r\n"),
              HasSubstr("location: /app/home\r\n"));
  for (const char* location :
       {"//evil.example", "/\\evil.example", "https://evil.example/",
        "http://dashboards:5601.evil.example/", "http://dashboards:5601//evil.example",
        "javascript:alert(1)", "home", "/a b"}) {
    EXPECT_FALSE(headers("location: " + std::string(location) + "\r\n")) << location;
  }
}

TEST(PageHead, IsFoundWhereItBegins) {
  EXPECT_EQ(find_page_head("<html><HEAD lang=x>a"), 19U);
  EXPECT_EQ(find_page_head("<head>"), 6U);
  EXPECT_FALSE(find_page_head("<header>a</header>"));
  EXPECT_FALSE(find_page_head("<html><head "));
  EXPECT_FALSE(find_page_head(""));
}

}  // namespace
}  // namespace weir::proxy
