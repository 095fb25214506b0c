#include "admin/conditions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

SmallRequest with(const std::string& name, const std::vector<std::string>& values) {
  SmallRequest request;
  for (const std::string& value : values) {
    request.headers.emplace_back(name, value);
  }
  return request;
}

TEST(UriParameters, AreReadStrictly) {
  UriParameters out;
  EXPECT_EQ(parse_uri_parameters("/x", "", out), "");
  EXPECT_EQ(parse_uri_parameters("/x?", "a", out), "");
  EXPECT_THAT(out, IsEmpty());
  EXPECT_EQ(parse_uri_parameters("/x?b=2%20%25+x&a=", "a b", out), "");
  EXPECT_THAT(out, ElementsAre(Pair("a", ""), Pair("b", "2 % x")));
  const auto wrong = [](const std::string& target, const std::string& known) {
    UriParameters ignored;
    return parse_uri_parameters(target, known, ignored);
  };
  EXPECT_THAT(wrong("/x?a=1", ""), HasSubstr("takes no URI parameters"));
  EXPECT_THAT(wrong("/x?", ""), HasSubstr("takes no URI parameters"));
  EXPECT_THAT(wrong("/x?c=1", "a b"), HasSubstr("it takes a b"));
  EXPECT_THAT(wrong("/x?%61=1", "a b"), HasSubstr("it takes a b"));
  EXPECT_THAT(wrong("/x?=1", "a b"), HasSubstr("it takes a b"));
  EXPECT_THAT(wrong("/x?a=1&a=1", "a b"), HasSubstr("`a` is given twice"));
  for (const char* bad : {"%", "%4", "%zz", "%4z", "1%"}) {
    EXPECT_THAT(wrong("/x?a=" + std::string(bad), "a"), HasSubstr("percent-encoding")) << bad;
  }
}

TEST(IfMatch, ComparesStrongTags) {
  const auto check = [](const std::vector<std::string>& lines) {
    return if_match(with("if-match", lines), "\"3\"");
  };
  EXPECT_EQ(check({}), Condition::kAbsent);
  EXPECT_EQ(check({"*"}), Condition::kHolds);
  EXPECT_EQ(check({"\"3\""}), Condition::kHolds);
  EXPECT_EQ(check({"\"1\", \"3\""}), Condition::kHolds);
  EXPECT_EQ(check({"\"1\"", "\"3\""}), Condition::kHolds) << "two lines are one list";
  EXPECT_EQ(check({"\"2\""}), Condition::kFails);
  EXPECT_EQ(check({"W/\"3\""}), Condition::kFails);
  EXPECT_EQ(check({"\"33\""}), Condition::kFails);
  for (const char* bad : {"", "3", "\"3", "\"3\",", "\"3\" \"4\"", "w/\"3\"", "*, \"3\""}) {
    EXPECT_EQ(check({bad}), Condition::kMalformed) << bad;
  }
}

TEST(IfNoneMatch, HoldsForWhoHasAnother) {
  const auto check = [](const std::string& line) {
    return if_none_match(with("if-none-match", {line}), "\"3\"");
  };
  EXPECT_EQ(if_none_match({}, "\"3\""), Condition::kAbsent);
  EXPECT_EQ(check("\"2\""), Condition::kHolds);
  EXPECT_EQ(check("\"3\""), Condition::kFails);
  EXPECT_EQ(check("W/\"3\""), Condition::kFails);
  EXPECT_EQ(check("*"), Condition::kFails);
  EXPECT_EQ(check("3"), Condition::kMalformed);
}

}  // namespace
}  // namespace weir::proxy
