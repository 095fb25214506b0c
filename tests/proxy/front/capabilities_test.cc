#include "front/capabilities.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

TEST(Capabilities, OnlyTakesAway) {
  EXPECT_EQ(
      read_only_capabilities(
          R"({"navLinks":{"dashboards":true,"dev_tools":true},"dashboard":{"show":true,"saveQuery":true,"createNew":false},"dev_tools":{"show":true},"n":1,"deep":{"a":{"edit":true}}})"),
      R"({"navLinks":{"dashboards":true,"dev_tools":false},"dashboard":{"show":true,"saveQuery":false,"createNew":false},"dev_tools":{"show":false},"n":1,"deep":{"a":{"edit":false}}})");
  EXPECT_EQ(read_only_capabilities("{}"), "{}");
}

TEST(Capabilities, AreAnObject) {
  for (const char* text : {"", "[]", "1", "null", "{", "{\"a\":}", "{} x"}) {
    EXPECT_FALSE(read_only_capabilities(text)) << text;
  }
}

}  // namespace
}  // namespace weir::proxy
