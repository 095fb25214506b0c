#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LogTest : public ::testing::Test {
 protected:
  LogTest()
      : path_(std::filesystem::temp_directory_path() / ("weir-log-" + std::to_string(::getpid()))) {
  }
  ~LogTest() override { std::filesystem::remove(path_); }

  std::string read() const {
    std::ifstream in(path_);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  std::filesystem::path path_;
};

TEST_F(LogTest, WritesOneJsonObjectPerLine) {
  {
    Log log({.file = path_.string()});
    log.event(LogLevel::kInfo, "started", {{"where", "a\"b\n\xff"}});
    log.event(LogLevel::kDebug, "quiet");
    RequestRecord record;
    record.request_id = "r1";
    record.listener = "gate";
    record.route = "search";
    record.status = 200;
    record.upstream_error = "secret text";
    log.request(record);
  }
  std::string text = read();
  EXPECT_THAT(text, HasSubstr(R"("level":"info","event":"started","where":"a\"b\u000a\u00ff"})"
                              "\n"));
  EXPECT_THAT(text, HasSubstr(R"("id":"r1","listener":"gate")"));
  EXPECT_THAT(text, HasSubstr(R"("route":"search")"));
  EXPECT_THAT(text, Not(HasSubstr("quiet")));
  EXPECT_THAT(text, Not(HasSubstr("secret text")));
}

TEST_F(LogTest, QuotesTheUpstreamOnlyForDebugging) {
  {
    Log log({.level = LogLevel::kDebug, .file = path_.string()});
    RequestRecord record;
    record.upstream_error = "parsing_exception";
    log.request(record);
  }
  EXPECT_THAT(read(), HasSubstr(R"("upstream_error":"parsing_exception")"));
}

TEST(Log, SaysWhichFileItCannotOpen) {
  EXPECT_THROW(Log({.file = "/proc/none/weir.log"}), std::runtime_error);
}

TEST(Metrics, RendersWhatWasCounted) {
  Metrics metrics;
  metrics.request("gate", "search", "deny", "agg.global", std::chrono::microseconds(1500), 10, 20);
  metrics.request("gate", "search", "deny", "agg.global", std::chrono::microseconds(1500), 10, 20);
  metrics.upstream_error(UpstreamError::kTimeout);
  metrics.connections("admin", 1);
  metrics.upstream_connections(2, 1);
  metrics.tokens(7);
  std::string text = metrics.render();
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(weir_requests_total{code="agg.global",listener="gate",outcome="deny",route="search"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(weir_request_seconds_count{listener="gate"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(weir_upstream_errors_total{kind="timeout"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(weir_connections{listener="admin"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(weir_upstream_connections{state="open"} 2)"));
  EXPECT_THAT(text, HasSubstr("weir_tokens 7"));
}

}  // namespace
}  // namespace weir::proxy
