#include "admin/times.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

TEST(TimeOfText, ReadsOneMomentInManyForms) {
  for (const char* text :
       {"2025-01-01T15:01:39Z", "2025-01-01t15:01:39z", "2025-01-01 15:01:39Z",
        "2025-01-01T15:01:39.999Z", "2025-01-01T15:01:39,5Z", "2025-01-01T15:01:39.123456789Z",
        "2025-01-01T16:01:39+01:00", "2025-01-01T09:31:39-0530", "2025-01-01T15:01:39+00:00",
        "2025-01-02T00:01:39+09:00", "2024-12-31T20:01:39-19:00"}) {
    EXPECT_EQ(time_of_text(text), 1735743699) << text;
  }
  EXPECT_EQ(time_of_text("2024-02-29T00:00:00Z"), 1709164800);
  EXPECT_EQ(time_of_text("1970-01-01T00:00:01Z"), 1);
  EXPECT_EQ(time_of_text("9999-12-31T23:59:59Z"), 253402300799);
  EXPECT_EQ(time_of_text("2016-12-31T23:59:60Z"), time_of_text("2016-12-31T23:59:59Z"))
      << "a leap second is never later than asked for";
}

TEST(TimeOfText, RefusesWhatNamesNoMoment) {
  for (const char* text : {"",
                           "now",
                           "2025-01-01",
                           "2025-01-01T15:01:39",
                           "2025-01-01T15:01Z",
                           "20250101T150139Z",
                           "2025-1-1T15:01:39Z",
                           "2025-02-29T00:00:00Z",
                           "2025-13-01T00:00:00Z",
                           "2025-00-01T00:00:00Z",
                           "2025-01-32T00:00:00Z",
                           "2025-01-01T24:00:00Z",
                           "2025-01-01T00:60:00Z",
                           "2025-01-01T00:00:61Z",
                           "2025-01-01T00:00:00.Z",
                           "2025-01-01T00:00:00+24:00",
                           "2025-01-01T00:00:00+01:60",
                           "2025-01-01T00:00:00+1",
                           "2025-01-01T00:00:00ZZ",
                           " 2025-01-01T00:00:00Z",
                           "2025-01-01T00:00:00Z ",
                           "+2025-01-01T00:00:00Z",
                           "2025-01-01T00:00:00 CET",
                           "1970-01-01T00:00:00Z",
                           "1969-12-31T23:59:59Z",
                           "0000-00-00T00:00:00Z",
                           "1735743699"}) {
    EXPECT_EQ(time_of_text(text), std::nullopt) << text;
  }
}

TEST(TimeOfNumber, TellsSecondsFromMilliseconds) {
  EXPECT_EQ(time_of_number(1735743699), 1735743699);
  EXPECT_EQ(time_of_number(1735743699.999), 1735743699);
  EXPECT_EQ(time_of_number(1735743699999.0), 1735743699);
  EXPECT_EQ(time_of_number(99999999999.0), 99999999999);
  EXPECT_EQ(time_of_number(100000000000.0), 100000000);
  for (const double bad : {0.0, -1.0, 1e16, -1e300}) {
    EXPECT_EQ(time_of_number(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace weir::proxy
