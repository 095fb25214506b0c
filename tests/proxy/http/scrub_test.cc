#include "http/scrub.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

std::string scrubbed(std::string text, std::string_view secret) {
  scrub(text, secret);
  return text;
}

TEST(Scrub, TakesEveryOneOut) {
  EXPECT_EQ(scrubbed("a pass b passpass", "pass"), "a [secret] b [secret][secret]");
  EXPECT_EQ(scrubbed("pas", "pass"), "pas");
  EXPECT_EQ(scrubbed("", "pass"), "");
  EXPECT_EQ(scrubbed("[secret]", "[secret]"), "[secret]") << "and ends";
  EXPECT_EQ(scrubbed("secret", "secret"), "[secret]") << "and ends";
}

TEST(Scrub, LeavesTheTextWhereThereIsNoSecret) {
  EXPECT_EQ(scrubbed("abc", ""), "abc");
  EXPECT_EQ(scrubbed("abc", "b"), "abc");
}

}  // namespace
}  // namespace weir::proxy
