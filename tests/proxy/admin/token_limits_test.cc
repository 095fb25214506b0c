#include "admin/token_limits.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

// What is wrong with the first of the problems; empty if it was read.
std::string wrong_with(const char* json) {
  const auto parsed = parse_token_limits(json);
  return parsed ? "" : parsed.problems().front().where + " " + parsed.problems().front().what;
}

TEST(TokenLimitsJson, IsReadAndWrittenInOneForm) {
  const auto parsed = parse_token_limits(
      R"({"referrers":["https://App.example:443"],"networks":["10.0.0.0/8","10.0.0.0/8"],)"
      R"("responseBytes":1048576,"concurrentSearches":4,"requestsPerSecond":2.50})");
  ASSERT_TRUE(parsed) << parsed.problems().front().what;
  const std::string written =
      R"({"requestsPerSecond":2.5,"concurrentSearches":4,"responseBytes":1048576,)"
      R"("networks":["10.0.0.0/8"],"referrers":["https://app.example"]})";
  EXPECT_EQ(token_limits_json(parsed.value()), written);
  EXPECT_EQ(parse_token_limits(written).value(), parsed.value());
  EXPECT_EQ(token_limits_json(parse_token_limits(R"({"requestsPerSecond":50.0})").value()),
            R"({"requestsPerSecond":50})");
}

TEST(TokenLimitsJson, StandsForNoneWhereThereAreNone) {
  for (const char* none : {"", "null", "{}"}) {
    const auto parsed = parse_token_limits(none);
    ASSERT_TRUE(parsed) << none;
    EXPECT_TRUE(parsed.value().none()) << none;
  }
  EXPECT_EQ(token_limits_json({}), "");
}

TEST(TokenLimitsJson, SaysWhatIsWrong) {
  EXPECT_EQ(wrong_with("[]"), "/limits `limits` must be an object, or null for none");
  EXPECT_EQ(wrong_with(R"({"networks":["10.0.0.1/8"]})"),
            "/limits/networks `networks` holds `10.0.0.1/8`; write `192.0.2.7`, `10.0.0.0/8` or "
            "`2001:db8::/32`");
  EXPECT_EQ(wrong_with(R"({"networks":["\u0001\u00ff"]})").find('\x01'), std::string::npos);
  for (const char* wrong : {R"({"requestsPerSecond":0})",
                            R"({"requestsPerSecond":-1})",
                            R"({"requestsPerSecond":"1"})",
                            R"({"requestsPerSecond":1e9})",
                            R"({"requestsPerSecond":null})",
                            R"({"concurrentSearches":0})",
                            R"({"concurrentSearches":1.5})",
                            R"({"concurrentSearches":1000001})",
                            R"({"responseBytes":0})",
                            R"({"responseBytes":-1})",
                            R"({"responseBytes":18446744073709551615})",
                            R"({"networks":[]})",
                            R"({"networks":"::1"})",
                            R"({"networks":[1]})",
                            R"({"referrers":[]})",
                            R"({"referrers":["app.example"]})",
                            R"({"more":1})",
                            R"({"requestsPerSecond":1,"requestsPerSecond":2})",
                            "{",
                            "1"}) {
    EXPECT_NE(wrong_with(wrong), "") << wrong;
  }
}

TEST(TokenLimitsJson, IsBounded) {
  std::string many = R"({"networks":["0.0.0.0")";
  for (int i = 1; i < 65; ++i) many += ",\"0.0.0." + std::to_string(i) + "\"";
  EXPECT_NE(wrong_with((many + "]}").c_str()), "");
}

}  // namespace
}  // namespace weir::proxy
