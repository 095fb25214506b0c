#include "config/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Value given(std::string text) { return {std::move(text), false}; }
Value typed(std::string text) { return {std::move(text), true}; }
Value typed(std::int64_t number) { return {number, true}; }

TEST(ParseCount, TakesWholeNumbersInRange) {
  std::uint64_t out = 0;
  EXPECT_EQ(parse_count(given("42"), 1, 100, out), "");
  EXPECT_EQ(out, 42U);
  EXPECT_EQ(parse_count(typed(100), 1, 100, out), "");
  EXPECT_EQ(out, 100U);
  for (const char* bad : {"", "x", "1x", "-1", "+1", " 1", "1.5", "18446744073709551616"}) {
    EXPECT_THAT(parse_count(given(bad), 1, 100, out), HasSubstr("not a whole number")) << bad;
  }
  EXPECT_THAT(parse_count(given("101"), 1, 100, out), HasSubstr("use 1 to 100"));
  EXPECT_THAT(parse_count(typed(0), 1, 100, out), HasSubstr("use 1 to 100"));
  EXPECT_THAT(parse_count(typed(-5), 0, 100, out), HasSubstr("`-5` is out of range"));
  EXPECT_THAT(parse_count(typed("42"), 1, 100, out), HasSubstr("without quotes"));
  EXPECT_EQ(out, 100U) << "a bad value changes nothing";
}

TEST(ParseSize, KnowsBinaryUnits) {
  std::uint64_t out = 0;
  EXPECT_EQ(parse_size(given("64KiB"), 1, 1U << 30U, out), "");
  EXPECT_EQ(out, 65536U);
  EXPECT_EQ(parse_size(typed("16MiB"), 1, 1U << 30U, out), "");
  EXPECT_EQ(out, 16777216U);
  EXPECT_EQ(parse_size(typed(7), 1, 10, out), "");
  EXPECT_EQ(out, 7U);
  for (const char* bad :
       {"64kb", "KiB", "1.5MiB", "99999999999GiB", "18446744073709551615GiB", "1 MiB"}) {
    EXPECT_NE(parse_size(given(bad), 1, 1U << 30U, out), "") << bad;
  }
  EXPECT_EQ(render_size(65536), "64KiB");
  EXPECT_EQ(render_size(1000), "1000");
}

TEST(ParseDuration, NeedsAUnit) {
  Millis out{0};
  const Millis day{86400000};
  for (const auto& [text, millis] : std::vector<std::pair<std::string, int>>{
           {"500ms", 500}, {"30s", 30000}, {"5m", 300000}, {"12h", 43200000}, {"1d", 86400000}}) {
    EXPECT_EQ(parse_duration(given(text), Millis(1), day, out), "");
    EXPECT_EQ(out.count(), millis);
    EXPECT_EQ(render_duration(out), text);
  }
  EXPECT_THAT(parse_duration(given("30"), Millis(1), day, out), HasSubstr("with its unit"));
  EXPECT_THAT(parse_duration(typed(30), Millis(1), day, out), HasSubstr("with its unit"));
  EXPECT_THAT(parse_duration(given("2d"), Millis(1), day, out), HasSubstr("use 1ms to 1d"));
  EXPECT_THAT(parse_duration(given("0s"), Millis(1), day, out), HasSubstr("out of range"));
}

TEST(ParseAddress, TakesLiteralAddresses) {
  ListenAddress out;
  EXPECT_EQ(parse_address(given("0.0.0.0:9600"), out), "");
  EXPECT_EQ(out.host, "0.0.0.0");
  EXPECT_EQ(out.port, 9600);
  EXPECT_EQ(parse_address(given("[::1]:0"), out), "");
  EXPECT_EQ(out.host, "::1");
  EXPECT_EQ(render_address(out), "[::1]:0");
  EXPECT_EQ(parse_address(given("localhost:1"), out), "");
  EXPECT_EQ(render_address(out), "127.0.0.1:1");
  for (const char* bad :
       {"", "9600", ":9600", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:9600", "[::1]",
        "example.com:80", "127.0.0.1:80x", "[127.0.0.1]:80", "1.2.3:80"}) {
    EXPECT_THAT(parse_address(given(bad), out), HasSubstr("IP:PORT")) << bad;
  }
}

TEST(ParseUrl, FillsWhatTheUrlSays) {
  UpstreamSettings out;
  EXPECT_EQ(parse_url("http://127.0.0.1:9200", out), "");
  EXPECT_FALSE(out.tls);
  EXPECT_EQ(out.host, "127.0.0.1");
  EXPECT_EQ(out.port, 9200);
  EXPECT_EQ(out.path_prefix, "");
  EXPECT_EQ(parse_url("https://search.example.com/es/v1/", out), "");
  EXPECT_TRUE(out.tls);
  EXPECT_EQ(out.host, "search.example.com");
  EXPECT_EQ(out.port, 443);
  EXPECT_EQ(out.path_prefix, "/es/v1");
  EXPECT_EQ(parse_url("http://[::1]:9200/", out), "");
  EXPECT_EQ(out.host, "::1");
  for (const char* bad :
       {"", "127.0.0.1:9200", "ftp://x", "http://", "http://:9200", "http://x:0", "http://x:99999",
        "http://x/a?b", "http://x/a b", "http://x/#f", "http://x//y", "http://-x", "http://a b",
        "HTTP://x", "http://x:", "http://x/%2e%2e"}) {
    EXPECT_THAT(parse_url(bad, out), HasSubstr("http[s]://HOST")) << bad;
  }
  EXPECT_THAT(parse_url("http://u:p@x", out), HasSubstr("upstream.password"));
  EXPECT_THAT(parse_url("http://u:hunter2@x", out), ::testing::Not(HasSubstr("hunter2")));
}

TEST(ParseList, SplitsTextAndKeepsLists) {
  List out;
  EXPECT_EQ(parse_list(given(" a , b*,,c "), ',', out), "");
  EXPECT_THAT(out, ElementsAre("a", "b*", "c"));
  EXPECT_EQ(parse_list({List{"x,y"}, true}, ',', out), "");
  EXPECT_THAT(out, ElementsAre("x,y"));
  EXPECT_THAT(parse_list(typed("a,b"), ',', out), HasSubstr("a list of texts"));
  EXPECT_EQ(parse_list(given(""), ',', out), "");
  EXPECT_THAT(out, IsEmpty());
}

TEST(ParseSwitchAndChoice, KnowTheirWords) {
  bool flag = false;
  EXPECT_EQ(parse_switch(given("true"), flag), "");
  EXPECT_TRUE(flag);
  EXPECT_EQ(parse_switch({false, true}, flag), "");
  EXPECT_FALSE(flag);
  EXPECT_NE(parse_switch(given("yes"), flag), "");
  EXPECT_NE(parse_switch(typed("true"), flag), "");
  std::size_t index = 9;
  EXPECT_EQ(parse_choice(given("b"), {"a", "b"}, index), "");
  EXPECT_EQ(index, 1U);
  EXPECT_EQ(parse_choice(given("c"), {"a", "b"}, index), "`c` is not offered; use one of `a`, `b`");
}

}  // namespace
}  // namespace weir::proxy
