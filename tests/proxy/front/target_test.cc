#include "front/target.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::proxy {
namespace {

constexpr std::string_view kSecret = "0eedad5c-2618-5cd3-07e4-3ed29ee6a3f4";

TEST(FrontTarget, TakesTheSecretOutOfAnyPlace) {
  const std::string secret(kSecret);
  for (const auto& [raw, clean] :
       {std::pair<std::string, std::string>{"/?shareToken=" + secret, "/"},
        {"/a?x=1&shareToken=" + secret + "&y=2", "/a?x=1&y=2"},
        {"/a?%73hareToken=" + secret, "/a"},
        {"/a?sharetoken=" + secret + "&&b", "/a?b"}}) {
    const auto target = parse_front_target(raw);
    ASSERT_TRUE(target) << raw;
    EXPECT_TRUE(target->has_secret);
    EXPECT_TRUE(target->secret.equals(kSecret)) << raw;
    EXPECT_EQ(target->clean(), clean) << raw;
  }
}

TEST(FrontTarget, HasNoSecretWhereNoneCanBe) {
  for (const char* raw : {"/?shareToken=", "/?shareToken", "/?shareToken=a%20b", "/?shareToken=a;b",
                          "/?shareToken=abc&shareToken=abc"}) {
    const auto target = parse_front_target(raw);
    ASSERT_TRUE(target) << raw;
    EXPECT_TRUE(target->has_secret) << raw;
    EXPECT_TRUE(target->secret.empty()) << raw;
  }
  EXPECT_FALSE(parse_front_target("/a?xshareToken=abc")->has_secret);
}

TEST(FrontTarget, HasOneSpelling) {
  for (const char* raw :
       {"",          "a",      "//",     "//a",    "/a//b", "/.",     "/..",    "/a/../b", "/a/./b",
        "/%2e%2e/a", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "/a%25b", "/%61pi", "/a%2db",  "/a;b",
        "/a%3bb",    "/a%00",  "/a%0a",  "/a%7f",  "/a%",   "/a%2",   "/a%zz"}) {
    EXPECT_FALSE(parse_front_target(raw)) << raw;
  }
  for (const char* raw :
       {"/", "/a", "/a/", "/a/b.c", "/a/logs-*", "/a%20b", "/a/x%3Ay", "/%C3%A9", "/.weir/view"}) {
    ASSERT_TRUE(parse_front_target(raw)) << raw;
    EXPECT_EQ(parse_front_target(raw)->path, raw);
  }
}

}  // namespace
}  // namespace weir::proxy
