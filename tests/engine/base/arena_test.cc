#include "base/arena.h"

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

TEST(Arena, KeepsWhatItHandedOutUntilReset) {
  Arena arena;
  std::string big(100000, 'x');
  std::string_view small = arena.copy("small");
  std::string_view large = arena.copy(big);
  std::string_view joined = arena.concat({"a", "", "bc"});
  EXPECT_EQ(small, "small");
  EXPECT_EQ(large, big);
  EXPECT_EQ(joined, "abc");
}

TEST(Arena, ReusesItsFirstBlockAfterReset) {
  Arena arena;
  const char* first = arena.copy("one").data();
  arena.reset();
  EXPECT_EQ(arena.copy("two").data(), first);
}

}  // namespace
}  // namespace weir
