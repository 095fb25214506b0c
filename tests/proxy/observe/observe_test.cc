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

TEST_F(LogTest, SaysWhatWentWrongAndWhatToDo) {
  {
    Log log({.file = path_.string()});
    RequestRecord record;
    record.request_id = "r1";
    record.listener = "gate";
    record.route = "search";
    record.token_id = 7;
    record.account = "a";
    record.outcome = "deny";
    record.cause = cause_of(DenyCode::kUpstreamTimeout);
    record.stage = Stage::kUpstreamHead;
    record.status = 504;
    const std::string where = "/query/\"" + std::string(1000, 'x');
    record.where = where;
    record.upstream = "default";
    log.request(record);
    RequestRecord good;
    good.listener = "gate";
    good.request_id = "r2";
    log.request(good);
  }
  const std::string text = read();
  EXPECT_THAT(text,
              HasSubstr(R"("token_id":7,"account":"a","outcome":"deny","code":"upstream.timeout",)"
                        R"("status":504,"stage":"upstream_head","where":"/query/\"xxx)"));
  EXPECT_THAT(text, HasSubstr(R"(xxx","reason":"the search cluster did not answer in time",)"
                              R"("retry":true,"upstream":"default")"));
  EXPECT_THAT(text, Not(HasSubstr(std::string(257, 'x')))) << "it is cut";
  EXPECT_THAT(text.substr(text.find("r2")), Not(HasSubstr("stage")));
}

TEST_F(LogTest, KeepsTheLinesOfFailuresWithoutTheOthers) {
  {
    Log log({.file = path_.string(), .requests = false});
    RequestRecord record;
    record.request_id = "good";
    log.request(record);
    record.request_id = "bad";
    record.cause = kClientGone;
    log.request(record);
  }
  EXPECT_THAT(read(), HasSubstr("bad"));
  EXPECT_THAT(read(), Not(HasSubstr("good")));
}

TEST_F(LogTest, WritesTraces) {
  const std::vector<std::string> indices = {"logs-1", "a\"b"};
  {
    Log log({.file = path_.string(), .requests = false});
    RequestRecord record;
    record.request_id = "r1";
    record.listener = "gate";
    record.upstream = "default";
    record.upstream_status = 200;
    TraceRecord trace;
    trace.trace = 3;
    trace.indices = indices;
    trace.spent[static_cast<std::size_t>(Stage::kHead)] = std::chrono::microseconds(5);
    trace.spent[static_cast<std::size_t>(Stage::kUpstreamHead)] = std::chrono::milliseconds(2);
    trace.upstream_requests = 2;
    log.trace(record, trace);
  }
  const std::string text = read();
  EXPECT_THAT(text, HasSubstr(R"("event":"trace","trace":3,"id":"r1","listener":"gate")"));
  EXPECT_THAT(text, HasSubstr(R"("indices":["logs-1","a\"b"])"));
  EXPECT_THAT(text,
              HasSubstr(R"("upstream":"default","upstream_status":200,"upstream_requests":2)"));
  EXPECT_THAT(text, HasSubstr(R"("stages":{"head":5,"upstream_head":2000}})"));
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
  metrics.failure("limit", "limit.rate");
  metrics.denials_dropped(3);
  metrics.log_lost(4);
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
  EXPECT_THAT(text, HasSubstr(R"(weir_failures_total{code="limit.rate",stage="limit"} 1)"));
  EXPECT_THAT(text, HasSubstr("weir_denials_dropped_total 3"));
  EXPECT_THAT(text, HasSubstr("weir_log_lines_lost 4"));
}

}  // namespace
}  // namespace weir::proxy
