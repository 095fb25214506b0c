#include "dsl/agg/gaps.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

Gaps gaps(std::string_view interval, std::string_view min_doc_count = {}, std::string_view min = {},
          std::string_view max = {}) {
  Gaps out;
  out.interval = interval;
  out.min_doc_count = min_doc_count;
  out.min[0] = min;
  out.max[0] = max;
  return out;
}

TEST(Gaps, DatesNeedAnIntervalOfASecondWhenGapsAreFilled) {
  for (std::string_view good : {R"("1s")", R"("30s")", R"("1d")", R"("1M")", R"("month")",
                                R"("second")", R"("1000ms")", "60000"}) {
    EXPECT_TRUE(date_gaps_are_bounded(gaps(good), {})) << good;
  }
  for (std::string_view bad :
       {R"("1ms")", R"("999ms")", R"("1micros")", R"("1nanos")", R"("0.5s")", R"("x")", "1", ""}) {
    EXPECT_FALSE(date_gaps_are_bounded(gaps(bad), {})) << bad;
    EXPECT_FALSE(date_gaps_are_bounded(gaps(bad, "0"), {})) << bad;
    EXPECT_TRUE(date_gaps_are_bounded(gaps(bad, "1"), {})) << bad;
  }
}

TEST(Gaps, BoundsOfDatesMustBeNear) {
  EXPECT_TRUE(date_gaps_are_bounded(gaps(R"("1s")", "0", "0", "65535000"), {}));
  EXPECT_FALSE(date_gaps_are_bounded(gaps(R"("1s")", "0", "0", "65536000"), {}));
  EXPECT_FALSE(date_gaps_are_bounded(gaps(R"("1s")", "0", R"("0")", R"("1e15")"), {}));
  EXPECT_FALSE(
      date_gaps_are_bounded(gaps(R"("1h")", "0", R"("1970-01-01")", R"("9999-01-01")"), {}));
  EXPECT_TRUE(date_gaps_are_bounded(gaps(R"("1d")", "0", R"("2026-01-01")", R"("now")"), {}));
  EXPECT_TRUE(date_gaps_are_bounded(gaps(R"("1s")", "1", "0", "1e18"), {}));
}

// "0001" and "9999" are years, whatever they are as numbers.
TEST(Gaps, DigitsInAStringAreMillisecondsOnlyWhereTheyMustBe) {
  EXPECT_FALSE(date_gaps_are_bounded(gaps(R"("1h")", "0", R"("0001")", R"("9999")"), {}));
  EXPECT_FALSE(
      date_gaps_are_bounded(gaps(R"("1h")", "0", R"("1794707231")", R"("1794707299")"), {}));
  EXPECT_TRUE(date_gaps_are_bounded(gaps(R"("1d")", "0", R"("0001")", R"("9999")"), {}));
  Gaps near = gaps(R"("1h")", "0", R"("1794707231920")", R"("1795312031920")");
  EXPECT_TRUE(date_gaps_are_bounded(near, {}));
  near.format = R"("epoch_millis")";
  EXPECT_TRUE(date_gaps_are_bounded(near, {}));
  near.format = R"("yyyyMMddHHmmS")";
  EXPECT_FALSE(date_gaps_are_bounded(near, {}));
}

TEST(Gaps, OneEndIsFarFromTheDocuments) {
  EXPECT_FALSE(date_gaps_are_bounded(gaps(R"("1h")", "0", "0"), {}));
  EXPECT_FALSE(date_gaps_are_bounded(gaps(R"("1h")", "0", "", "253402300799999"), {}));
  EXPECT_TRUE(date_gaps_are_bounded(gaps(R"("1d")", "0", "", "253402300799999"), {}));
}

TEST(Gaps, ADateForDocumentsWithoutOneIsABound) {
  Gaps missing = gaps(R"("1h")");
  missing.missing = R"("0001-01-01")";
  EXPECT_FALSE(date_gaps_are_bounded(missing, {}));
  missing.interval = R"("1d")";
  EXPECT_TRUE(date_gaps_are_bounded(missing, {}));
}

TEST(Gaps, BoundsOfNumbersMustBeNear) {
  EXPECT_TRUE(number_gaps_are_bounded(gaps("10"), {}));
  EXPECT_TRUE(number_gaps_are_bounded(gaps("10", "0", "0", "655350"), {}));
  EXPECT_FALSE(number_gaps_are_bounded(gaps("10", "0", "0", "655360"), {}));
  EXPECT_FALSE(number_gaps_are_bounded(gaps(R"("1e-9")", {}, "0", "1"), {}));
  EXPECT_TRUE(number_gaps_are_bounded(gaps("10", "3", "0", "1e18"), {}));
}

TEST(Gaps, HardBoundsCountToo) {
  Gaps hard = gaps(R"("1s")");
  hard.min[1] = "0";
  hard.max[1] = "1e13";
  EXPECT_FALSE(date_gaps_are_bounded(hard, {}));
}

}  // namespace
}  // namespace weir
