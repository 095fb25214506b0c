#include "admin/call_limiter.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

TokenDigest digest(std::uint8_t first) {
  TokenDigest out{};
  out.bytes[0] = first;
  return out;
}

TEST(CallLimiter, CountsTheCallsOfAnAccount) {
  CallLimiter limiter;
  limiter.set_limits({.accounts = {{"a", 2}, {"b", 1}}, .other = 1});
  limiter.learn(digest(1), "a");
  limiter.learn(digest(2), "a");
  limiter.learn(digest(3), "b");
  auto first = limiter.enter(digest(1));
  ASSERT_TRUE(first);
  {
    auto second = limiter.enter(digest(2));
    ASSERT_TRUE(second);
    EXPECT_FALSE(limiter.enter(digest(1))) << "both API tokens are the account's";
    EXPECT_FALSE(limiter.enter(digest(2)));
    EXPECT_TRUE(limiter.enter(digest(3))) << "another account's calls are its own";
  }
  EXPECT_TRUE(limiter.enter(digest(2))) << "a place is given back";
  limiter.set_limits({.accounts = {{"a", 1}}, .other = 1});
  EXPECT_FALSE(limiter.enter(digest(2)));
}

TEST(CallLimiter, AnUnknownApiTokenTakesNobodysPlace) {
  CallLimiter limiter;
  limiter.set_limits({.accounts = {{"a", 1}}, .other = 1});
  limiter.learn(digest(1), "a");
  const auto stranger = limiter.enter(digest(9));
  ASSERT_TRUE(stranger);
  EXPECT_FALSE(limiter.enter(digest(9)));
  EXPECT_TRUE(limiter.enter(digest(8)));
  EXPECT_TRUE(limiter.enter(digest(1)));
  limiter.forget(digest(1));  // it has been revoked
  const auto revoked = limiter.enter(digest(1));
  limiter.learn(digest(2), "a");
  EXPECT_TRUE(limiter.enter(digest(2)));
}

TEST(CallLimiter, APlaceMovesWithItsOwner) {
  CallLimiter limiter;
  limiter.set_limits({.accounts = {}, .other = 1});
  auto place = limiter.enter(digest(1));
  {
    const CallLimiter::Place moved = std::move(*place);
    place.reset();
    EXPECT_FALSE(limiter.enter(digest(1)));
  }
  EXPECT_TRUE(limiter.enter(digest(1)));
}

}  // namespace
}  // namespace weir::proxy
