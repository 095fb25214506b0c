#include "http/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/percent.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TargetTest : public ::testing::Test {
 protected:
  std::optional<DenyCode> parse(std::string_view raw) {
    return parse_target(raw, limits_, arena_, target_, detail_);
  }
  void expect_denied(std::string_view raw, DenyCode code) {
    auto denied = parse(raw);
    ASSERT_TRUE(denied.has_value()) << raw;
    EXPECT_EQ(deny_info(*denied).code, deny_info(code).code) << raw;
  }

  Limits limits_;
  Arena arena_;
  Target target_;
  std::string_view detail_;
};

TEST_F(TargetTest, SplitsBeforeDecoding) {
  ASSERT_EQ(parse("/logs%2Da/_doc/a%2Fb%20c+d?x=1"), std::nullopt);
  EXPECT_THAT(target_.segments, ElementsAre("logs-a", "_doc", "a/b c+d"));
  EXPECT_THAT(target_.raw_segments, ElementsAre("logs%2Da", "_doc", "a%2Fb%20c+d"));
}

TEST_F(TargetTest, TheRootHasNoSegments) {
  ASSERT_EQ(parse("/"), std::nullopt);
  EXPECT_THAT(target_.segments, IsEmpty());
  ASSERT_EQ(parse("/?pretty"), std::nullopt);
  EXPECT_THAT(target_.segments, IsEmpty());
  EXPECT_NE(target_.find("pretty"), nullptr);
}

TEST_F(TargetTest, IgnoresOneTrailingSlash) {
  ASSERT_EQ(parse("/logs/_search/"), std::nullopt);
  EXPECT_THAT(target_.segments, ElementsAre("logs", "_search"));
  expect_denied("/logs/_search//", DenyCode::kTargetMalformed);
}

TEST_F(TargetTest, DecodesOnce) {
  ASSERT_EQ(parse("/a%2Cb%252D/_search?q=%2541"), std::nullopt);
  EXPECT_EQ(target_.segments[0], "a,b%2D");
  EXPECT_EQ(target_.find("q")->value, "%41");
}

TEST_F(TargetTest, ReadsParameters) {
  ASSERT_EQ(parse("/_search?%71=a+b%2Bc%3B%26&df&size=&x=1=2?&&"), std::nullopt);
  ASSERT_EQ(target_.params.size(), 4U);
  EXPECT_EQ(target_.find("q")->value, "a b+c;&");
  EXPECT_FALSE(target_.find("df")->has_value);
  EXPECT_TRUE(target_.find("size")->has_value);
  EXPECT_EQ(target_.find("size")->value, "");
  EXPECT_EQ(target_.find("x")->value, "1=2?");
  EXPECT_EQ(target_.find("Q"), nullptr);
}

TEST_F(TargetTest, RefusesWhatOpenSearchReadsInItsOwnWay) {
  for (std::string_view raw : {"",
                               "*",
                               "_search",
                               "logs/_search",
                               "http://h/_search",
                               "//_search",
                               "//",
                               "///_search",
                               "/a//_search",
                               "/a/./_search",
                               "/a/../_search",
                               "/a/%2E%2e/_search",
                               "/a/%2e",
                               "/a;x=1/_search",
                               "/a/_search;x",
                               "/_search?a=1;b=2",
                               "/_search#x",
                               "/_search?q=a#b",
                               "/_search?=q",
                               "/_search?a&=b",
                               "/_search ?x",
                               "/_search\t",
                               "/\x7f",
                               "/caf\xc3\xa9",
                               "/_search?q=\xff"}) {
    expect_denied(raw, DenyCode::kTargetMalformed);
  }
}

TEST_F(TargetTest, RefusesBadEncodings) {
  for (std::string_view escape : {"%", "%4", "%zz", "%%", "%%41", "%00", "%c1%a1", "%ed%a0%80",
                                  "%f5%80%80%80", "%80", "%e2%82", "%7f", "%1f"}) {
    std::string path = "/a" + std::string(escape) + "/_search";
    std::string name = "/_search?a" + std::string(escape) + "=1";
    std::string value = "/_search?a=1" + std::string(escape);
    expect_denied(path, DenyCode::kTargetEncoding);
    expect_denied(name, DenyCode::kTargetEncoding);
    expect_denied(value, DenyCode::kTargetEncoding);
  }
  expect_denied("/a%0a", DenyCode::kTargetEncoding);
  expect_denied("/?a%0a=1", DenyCode::kTargetEncoding);
  ASSERT_EQ(parse("/?a=1%0a%09%0d"), std::nullopt);
}

TEST_F(TargetTest, RefusesEveryControlByteInEveryPlace) {
  const char* hex = "0123456789abcdef";
  for (int byte = 0; byte < 0x20; ++byte) {
    std::string escape = {'%', hex[byte / 16], hex[byte % 16]};
    expect_denied("/a" + escape, DenyCode::kTargetEncoding);
    expect_denied("/?" + escape + "=1", DenyCode::kTargetEncoding);
    std::string raw = "/a";
    raw += static_cast<char>(byte);
    expect_denied(raw, DenyCode::kTargetMalformed);
  }
}

TEST_F(TargetTest, RefusesRepeatedNamesAfterDecoding) {
  expect_denied("/_search?q=a&q=b", DenyCode::kParamRepeated);
  expect_denied("/_search?q=a&x=1&%71=a", DenyCode::kParamRepeated);
  EXPECT_EQ(detail_, "q");
  expect_denied("/_search?q&q", DenyCode::kParamRepeated);
}

TEST_F(TargetTest, HoldsItsLimits) {
  limits_.max_target_bytes = 10;
  EXPECT_EQ(parse("/123456789"), std::nullopt);
  expect_denied("/1234567890", DenyCode::kTargetTooLong);
  limits_.max_target_bytes = 100;
  limits_.max_uri_params = 2;
  EXPECT_EQ(parse("/?a&b&"), std::nullopt);
  expect_denied("/?a&b&c", DenyCode::kTargetTooLong);
  limits_.max_uri_params = 0;
  EXPECT_EQ(parse("/?"), std::nullopt);
  expect_denied("/?a", DenyCode::kTargetTooLong);
}

TEST(Percent, EncodesWhatDecodesToTheSame) {
  Arena arena;
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  std::string_view encoded = percent_encode(all, "*", arena);
  for (char c : encoded) EXPECT_TRUE(c > 0x20 && c < 0x7F);
  EXPECT_NE(encoded.find('*'), std::string_view::npos);
  for (char c : std::string_view("/?#;&=+ ,\"<>\\")) {
    EXPECT_EQ(encoded.find(c), std::string_view::npos) << c;
  }
  std::string_view decoded;
  ASSERT_TRUE(percent_decode(encoded, false, arena, decoded));
  EXPECT_EQ(decoded, all);
  ASSERT_TRUE(percent_decode(encoded, true, arena, decoded));
  EXPECT_EQ(decoded, all);
}

TEST(Percent, KnowsUtf8) {
  for (std::string_view good :
       {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (std::string_view bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2",
                               "\xc2"
                               "a",
                               "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe0\xa0", "\xf0\x8f\xbf\xbf",
                               "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

}  // namespace
}  // namespace weir
