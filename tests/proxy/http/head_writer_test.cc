#include "http/head_writer.h"

#include <gtest/gtest.h>

#include "weir/verdict.h"

namespace weir::proxy {
namespace {

TEST(HeadWriter, WritesTheAnswersHead) {
  std::string out;
  append_answer_head({.status = 401,
                      .content_type = "application/json",
                      .content_length = 7,
                      .keep_alive = false,
                      .challenge = true,
                      .opaque_id = "o",
                      .request_id = "r"},
                     out);
  EXPECT_EQ(out,
            "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: "
            "7\r\nwww-authenticate: Bearer\r\n"
            "cache-control: no-store\r\nx-weir-request-id: r\r\nx-opaque-id: o\r\nconnection: "
            "close\r\n\r\n");
  out.clear();
  append_answer_head({.content_type = "application/json", .gzip = true, .request_id = "r"}, out);
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: "
            "chunked\r\ncontent-encoding: gzip\r\n"
            "vary: accept-encoding\r\ncache-control: no-store\r\nx-weir-request-id: r\r\n\r\n");
}

TEST(HeadWriter, WritesTheUpstreamsHead) {
  std::string out;
  append_upstream_head({.method = Method::kPost,
                        .path_prefix = "/es",
                        .target = "/a/_search",
                        .fixed_headers = "host: up:9200\r\n",
                        .content_type = "application/json",
                        .content_length = 3,
                        .gzip = true,
                        .opaque_id = "o"},
                       out);
  EXPECT_EQ(out,
            "POST /es/a/_search HTTP/1.1\r\nhost: up:9200\r\naccept: "
            "application/json\r\naccept-encoding: gzip\r\n"
            "content-type: application/json\r\ncontent-length: 3\r\nx-opaque-id: o\r\n\r\n");
}

TEST(HeadWriter, MapsMediaTypes) {
  EXPECT_EQ(answer_content_type("application/json"), "application/json");
  EXPECT_EQ(answer_content_type("application/json; charset=UTF-8"),
            "application/json; charset=UTF-8");
  EXPECT_EQ(answer_content_type("application/json;x=y; CHARSET=utf-8"),
            "application/json; charset=UTF-8");
  EXPECT_EQ(answer_content_type("application/json; charset=latin1"), "application/json");
}

TEST(HeadWriter, HasAReasonForEveryRefusal) {
  for (const DenyInfo& info : all_deny_codes())
    EXPECT_NE(status_reason(info.status), "") << info.code;
}

}  // namespace
}  // namespace weir::proxy
