#include "observe/causes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "observe/stage_clock.h"

namespace weir::proxy {
namespace {

TEST(Causes, EveryStageHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kStages; ++i) {
    const std::string name(stage_name(static_cast<Stage>(i)));
    EXPECT_THAT(name, testing::MatchesRegex("[a-z_]+"));
    EXPECT_TRUE(names.insert(stage_name(static_cast<Stage>(i))).second) << name;
  }
  EXPECT_EQ(stage_name(Stage::kHead), "head");
  EXPECT_EQ(stage_name(Stage::kEpoch), "epoch");
  EXPECT_EQ(stage_name(Stage::kUpstreamAnswer), "upstream_answer");
  EXPECT_EQ(stage_name(Stage::kWrite), "write");
}

TEST(Causes, SayWhetherARetryHelps) {
  for (const DenyCode code :
       {DenyCode::kLimitRate, DenyCode::kLimitConcurrency, DenyCode::kLimitConnections,
        DenyCode::kDraining, DenyCode::kPolicyChanging, DenyCode::kMappingsUnknown,
        DenyCode::kUpstreamUnreachable, DenyCode::kUpstreamTimeout, DenyCode::kUpstreamBusy,
        DenyCode::kUpstreamProtocol, DenyCode::kHttpTimeout}) {
    EXPECT_TRUE(cause_of(code).retry) << deny_info(code).code;
  }
  for (const DenyCode code :
       {DenyCode::kUndecided, DenyCode::kTokenInvalid, DenyCode::kTokenNetwork,
        DenyCode::kTokenReferrer, DenyCode::kLimitResponse, DenyCode::kUpstreamDenied,
        DenyCode::kUpstreamNotFound, DenyCode::kUpstreamRejected, DenyCode::kAggGlobal,
        DenyCode::kBodyTooLarge}) {
    EXPECT_FALSE(cause_of(code).retry) << deny_info(code).code;
  }
}

TEST(Causes, TellDenialsFromFailures) {
  for (const DenyCode code :
       {DenyCode::kUndecided, DenyCode::kTokenInvalid, DenyCode::kLimitRate, DenyCode::kAggGlobal,
        DenyCode::kBodyTooLarge, DenyCode::kCursorInvalid, DenyCode::kLimitConcurrency}) {
    EXPECT_TRUE(is_denial(code)) << deny_info(code).code;
  }
  for (const DenyCode code :
       {DenyCode::kUpstreamNoIndex, DenyCode::kUpstreamBusy, DenyCode::kUpstreamTimeout,
        DenyCode::kDraining, DenyCode::kLimitMemory, DenyCode::kMappingsUnknown,
        DenyCode::kHttpTimeout}) {
    EXPECT_FALSE(is_denial(code)) << deny_info(code).code;
  }
}

TEST(StageClock, AddsUpWhatEachStageTook) {
  using std::chrono::microseconds;
  const StageClock::Time begin{};
  StageClock clock(begin);
  clock.enter(Stage::kDecide, begin + microseconds(10));
  clock.enter(Stage::kUpstreamBody, begin + microseconds(15));
  clock.enter(Stage::kWrite, begin + microseconds(17));
  clock.enter(Stage::kUpstreamBody, begin + microseconds(20));
  clock.enter(Stage::kConnect, begin + microseconds(19));  // a time that was taken before
  clock.enter(Stage::kWrite, begin + microseconds(25));
  const auto& spent = clock.spent();
  EXPECT_EQ(spent[static_cast<std::size_t>(Stage::kHead)], microseconds(10));
  EXPECT_EQ(spent[static_cast<std::size_t>(Stage::kDecide)], microseconds(5));
  EXPECT_EQ(spent[static_cast<std::size_t>(Stage::kUpstreamBody)], microseconds(2));
  EXPECT_EQ(spent[static_cast<std::size_t>(Stage::kWrite)], microseconds(3));
  EXPECT_EQ(spent[static_cast<std::size_t>(Stage::kConnect)], microseconds(5));
}

}  // namespace
}  // namespace weir::proxy
