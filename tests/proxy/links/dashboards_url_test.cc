#include "links/dashboards_url.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

constexpr TimeMs kNow = 1700000000123;  // 2023-11-14T22:13:20.123Z, a Tuesday

std::string path_of(std::string_view text) {
  auto path = parse_dashboards_url(text);
  return path ? std::move(path).value() : "(" + path.problems().front().what + ")";
}

TEST(DashboardsUrl, KeepsPathQueryAndFragment) {
  EXPECT_EQ(path_of("https://d.example:5601/app/dashboards#/view/1?_g=(time:(from:now-6w,to:now))"),
            "/app/dashboards#/view/1?_g=(time:(from:now-6w,to:now))");
  EXPECT_EQ(path_of("/app/discover#/view/1"), "/app/discover#/view/1");
  EXPECT_EQ(path_of("/goto/0123456789abcdef0123456789abcdef"), "/goto/0123456789abcdef0123456789abcdef");
  EXPECT_EQ(path_of("https://d.example"), "/");
  EXPECT_EQ(path_of("/app/x?next=http://e.example/"), "/app/x?next=http://e.example/");
}

TEST(DashboardsUrl, LeavesTheSecretOut) {
  EXPECT_EQ(path_of("/app/x?shareToken=S#/view/1"), "/app/x#/view/1");
  EXPECT_EQ(path_of("/app/x?a=1&shareToken=S&b=2"), "/app/x?a=1&b=2");
}

TEST(DashboardsUrl, WritesWhatIsNoUrlCharacterAsOne) {
  EXPECT_EQ(path_of("/app/x#/view/a b\"<>"), "/app/x#/view/a%20b%22%3C%3E");
  EXPECT_EQ(path_of("/app/ü"), "/app/%C3%BC");
}

TEST(DashboardsUrl, RefusesWhatIsNoPageOfDashboards) {
  for (const char* text : {"", "app/x", "//evil.example/", "/\\evil.example", "ftp://x/app",
                           "javascript:alert(1)", "/app\n/x", "?x"}) {
    EXPECT_FALSE(parse_dashboards_url(text)) << text;
  }
  EXPECT_FALSE(parse_dashboards_url("/" + std::string(kMaxLinkPathBytes, 'x')));
}

std::string frozen(const std::string& path, std::optional<TimeMs> from = {},
                   std::optional<TimeMs> to = {}) {
  auto out = freeze_time(path, from, to, kNow);
  return out ? std::move(out).value() : "(" + out.problems().front().what + ")";
}

TEST(DashboardsUrl, FreezesItsOwnTimeRange) {
  EXPECT_EQ(frozen("/app/d#/view/1?_g=(filters:!(),time:(from:now-15m,to:now))&_a=(x:1)"),
            "/app/d#/view/1?_g=(filters:!(),time:(from:'2023-11-14T21:58:20.123Z',"
            "to:'2023-11-14T22:13:20.123Z'))&_a=(x:1)");
  EXPECT_EQ(frozen("/app/d#/view/1?_g=(time:(from:'2023-01-01T00:00:00.000Z',to:now%2Fd))"),
            "/app/d#/view/1?_g=(time:(from:'2023-01-01T00:00:00.000Z',"
            "to:'2023-11-14T23:59:59.999Z'))");
}

TEST(DashboardsUrl, FreezesTheRangeThatIsGiven) {
  const std::string range = "time:(from:'1970-01-01T00:00:01.000Z',to:'1970-01-01T00:00:02.000Z')";
  EXPECT_EQ(frozen("/app/d#/view/1", 1000, 2000), "/app/d#/view/1?_g=(" + range + ")");
  EXPECT_EQ(frozen("/app/d#/view/1?_a=(x:1)", 1000, 2000),
            "/app/d#/view/1?_a=(x:1)&_g=(" + range + ")");
  EXPECT_EQ(frozen("/app/d#/view/1?_g=()", 1000, 2000), "/app/d#/view/1?_g=(" + range + ")");
  EXPECT_EQ(frozen("/app/d#/view/1?_g=(filters:!())", 1000, 2000),
            "/app/d#/view/1?_g=(" + range + ",filters:!())");
  EXPECT_EQ(frozen("/app/d#/view/1"),
            "(holds no time range that is understood; give `timeFrom` and `timeTo`)");
  EXPECT_EQ(frozen("/app/d", 2000, 1000), "(must be later than the time it begins at)");
}

TEST(DashboardsUrl, UnderstandsTheTimesOfDashboards) {
  const auto text = [](std::string_view time, bool round_up = false) {
    const auto parsed = parse_dashboards_time(time, kNow, round_up);
    return parsed ? time_text(*parsed) : "(none)";
  };
  EXPECT_EQ(text("now"), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(text("now-1M"), "2023-10-14T22:13:20.123Z");
  EXPECT_EQ(text("now-1y/y"), "2022-01-01T00:00:00.000Z");
  EXPECT_EQ(text("now/w"), "2023-11-13T00:00:00.000Z");
  EXPECT_EQ(text("now/w", true), "2023-11-19T23:59:59.999Z");
  EXPECT_EQ(text("now/M", true), "2023-11-30T23:59:59.999Z");
  EXPECT_EQ(text("now+2h"), "2023-11-15T00:13:20.123Z");
  EXPECT_EQ(text("2023-11-14T22:13:20Z"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(text("2023-11-14T23:13:20.5+01:00"), "2023-11-14T22:13:20.500Z");
  for (const char* wrong : {"", "now-", "now-5", "now-5q", "now*5m", "yesterday", "2023-11-14",
                            "2023-13-14T22:13:20Z", "2023-11-14T22:13:20", "now-99999999999m"}) {
    EXPECT_EQ(text(wrong), "(none)") << wrong;
  }
}

TEST(DashboardsUrl, PutsTheSecretBeforeTheFragment) {
  EXPECT_EQ(shared_url("https://f.example/", "/app/d#/view/1", "S"),
            "https://f.example/app/d?shareToken=S#/view/1");
  EXPECT_EQ(shared_url("https://f.example", "/app/d?a=1", "S"),
            "https://f.example/app/d?a=1&shareToken=S");
}

TEST(DashboardsUrl, EmbedsWithoutChrome) {
  EXPECT_EQ(embed_html("https://f.example", "/app/d#/view/1?_g=()", "S", "a \"b\" <c>"),
            "<iframe src=\"https://f.example/app/d?shareToken=S#/view/1?_g=()&amp;embed=true\" "
            "title=\"a &quot;b&quot; &lt;c>\" width=\"100%\" height=\"600\" style=\"border:0\" "
            "loading=\"lazy\"></iframe>");
}

}  // namespace
}  // namespace weir::proxy
