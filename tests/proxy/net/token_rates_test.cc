#include "net/token_rates.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

using std::chrono::milliseconds;

class TokenRatesTest : public ::testing::Test {
 protected:
  std::uint32_t take(double rate, int at_millis, std::uint32_t token = 1) {
    return rates_.take(token, rate, begin_ + milliseconds(at_millis));
  }
  TokenRates rates_;
  TokenRates::Time begin_{std::chrono::hours(1)};
};

TEST_F(TokenRatesTest, LetsOneSecondsWorthThroughAtOnce) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(take(5, 0), 0U) << i;
  EXPECT_EQ(take(5, 0), 1U);
  EXPECT_EQ(take(5, 0, 2), 0U) << "another token has a bucket of its own";
  EXPECT_EQ(take(5, 0, 17), 0U) << "so has one of the same shard";
}

TEST_F(TokenRatesTest, FillsAtTheRate) {
  for (int i = 0; i < 5; ++i) take(5, 0);
  EXPECT_EQ(take(5, 199), 1U);
  EXPECT_EQ(take(5, 201), 0U);
  EXPECT_EQ(take(5, 202), 1U);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(take(5, 100'000), 0U) << "no more than a second's worth";
  EXPECT_EQ(take(5, 100'000), 1U);
}

TEST_F(TokenRatesTest, SaysHowLongToWait) {
  EXPECT_EQ(take(0.1, 0), 0U);
  EXPECT_EQ(take(0.1, 0), 10U);
  EXPECT_EQ(take(0.1, 4'000), 6U);
  EXPECT_EQ(take(0.1, 4'500), 6U);
  EXPECT_EQ(take(0.1, 10'000), 0U);
}

TEST_F(TokenRatesTest, StandsClocksThatLagBehind) {
  EXPECT_EQ(take(1, 5'000), 0U);
  EXPECT_EQ(take(1, 1'000), 1U) << "another thread took its time before";
  EXPECT_EQ(take(1, 5'500), 1U);
  EXPECT_EQ(take(1, 6'000), 0U);
}

}  // namespace
}  // namespace weir::proxy
