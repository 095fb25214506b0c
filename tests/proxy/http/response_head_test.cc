#include "http/response_head.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::proxy {
namespace {

using namespace std::string_literals;

std::string ok(const std::string& lines) { return "HTTP/1.1 200 OK\r\n" + lines + "\r\n"; }

TEST(ResponseHead, ReadsOpenSearchsAnswer) {
  auto head = parse_response_head(ok("X-OpenSearch-Version: OpenSearch/3.4.0\r\ncontent-type: "
                                     "application/json; charset=UTF-8\r\n"
                                     "content-encoding: gzip\r\ncontent-length: 17\r\n"),
                                  false);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->framing, BodyFraming::kLength);
  EXPECT_EQ(head->content_length, 17u);
  EXPECT_EQ(head->encoding, ResponseEncoding::kGzip);
  EXPECT_EQ(head->content_type, "application/json; charset=UTF-8");
  EXPECT_TRUE(head->keep_alive);
}

TEST(ResponseHead, KnowsAnswersWithoutBody) {
  EXPECT_EQ(parse_response_head(ok("content-length: 17\r\n"), true)->framing, BodyFraming::kNone);
  EXPECT_EQ(parse_response_head("HTTP/1.1 204 No Content\r\n\r\n", false)->framing,
            BodyFraming::kNone);
  EXPECT_EQ(parse_response_head("HTTP/1.1 100 Continue\r\n\r\n", false)->framing,
            BodyFraming::kNone);
  EXPECT_FALSE(
      parse_response_head(ok("Connection: x, Close\r\ncontent-length: 0\r\n"), false)->keep_alive);
  EXPECT_EQ(parse_response_head("HTTP/1.1 503\r\ncontent-length: 0\r\n\r\n", false)->status, 503);
}

TEST(ResponseHead, RefusesWhatCannotBeFramed) {
  for (const std::string& raw : {
           ok(""),
           ok("content-length: 1\r\ncontent-length: 1\r\n"),
           ok("content-length: 1\r\ntransfer-encoding: chunked\r\n"),
           ok("content-length: x\r\n"),
           ok("transfer-encoding: gzip, chunked\r\n"),
           ok("content-length: 0\r\ncontent-encoding: br\r\n"),
           ok("content-length: 0\r\ncontent-type: a\r\ncontent-type: b\r\n"),
           ok("content-length: 0\r\n folded\r\n"),
           ok("content-length : 0\r\n"),
           ok("content-length: 0\r\nX: a\0\r\n"s),
           "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n"s,
           "HTTP/2 200\r\ncontent-length: 0\r\n\r\n"s,
           "HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n"s,
           "HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n"s,
           "HTTP/1.1 099 OK\r\ncontent-length: 0\r\n\r\n"s,
           "HTTP/1.1 600 OK\r\ncontent-length: 0\r\n\r\n"s,
           "HTTP/1.1 200 OK\ncontent-length: 0\n\n"s,
           "<html>\r\n\r\n"s,
           "\r\n"s,
           ""s,
       }) {
    EXPECT_FALSE(parse_response_head(raw, false)) << raw;
  }
}

TEST(ResponseHead, KnowsJson) {
  EXPECT_TRUE(is_json("application/json"));
  EXPECT_TRUE(is_json("Application/JSON ; charset=utf-8"));
  EXPECT_FALSE(is_json("application/jsonx"));
  EXPECT_FALSE(is_json("text/html"));
  EXPECT_FALSE(is_json(""));
}

}  // namespace
}  // namespace weir::proxy
