#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "net/shared_policy.h"
#include "net/token_limiter.h"
#include "support/policy.h"

namespace weir::proxy {
namespace {

std::shared_ptr<const PolicySnapshot> snapshot_with(std::uint64_t epoch) {
  PolicySource source = support::sample_source();
  source.tokens.front().epoch = epoch;
  return support::compile(source);
}

std::uint64_t epoch_of(const PolicySnapshot& snapshot) {
  return snapshot.token_epoch(1, support::kNow);
}

TEST(SharedPolicy, IsEmptyUntilTheFirstStore) {
  SharedPolicy shared;
  PolicyReader reader(shared);
  EXPECT_EQ(shared.load(), nullptr);
  EXPECT_EQ(reader.current(), nullptr);
}

TEST(SharedPolicy, ShowsEveryReaderWhatWasStored) {
  SharedPolicy shared(snapshot_with(1));
  PolicyReader reader(shared);
  std::shared_ptr<const PolicySnapshot> held = reader.current();
  shared.store(snapshot_with(2));
  EXPECT_EQ(epoch_of(*reader.current()), 2u);
  EXPECT_EQ(epoch_of(*held), 1u);
}

TEST(SharedPolicy, ShowsTheLimitsBesideTheirSnapshot) {
  SharedPolicy shared(snapshot_with(1));
  PolicyReader reader(shared);
  reader.current();
  EXPECT_EQ(reader.limits(), nullptr);
  TokenLimits slow;
  slow.requests_per_second = 1;
  auto table = std::make_shared<TokenLimitsTable>();
  table->add(1, slow);
  shared.store(snapshot_with(2), table);
  EXPECT_EQ(reader.limits(), nullptr) << "until the snapshot is looked at";
  EXPECT_EQ(epoch_of(*reader.current()), 2U);
  ASSERT_NE(reader.limits(), nullptr);
  EXPECT_EQ(*reader.limits()->find(1), slow);
  shared.store(snapshot_with(3));
  reader.current();
  EXPECT_EQ(reader.limits(), nullptr);
}

TEST(SharedPolicy, NeverGoesBackForAReader) {
  SharedPolicy shared(snapshot_with(1));
  std::atomic<std::uint64_t> stored{1};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      PolicyReader reader(shared);
      while (stored.load() < 200) {
        std::uint64_t at_least = stored.load();
        EXPECT_GE(epoch_of(*reader.current()), at_least);
      }
    });
  }
  for (std::uint64_t epoch = 2; epoch <= 200; ++epoch) {
    shared.store(snapshot_with(epoch));
    stored.store(epoch);
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(SharedPolicy, WhoStoresFreesAndNotWhoReads) {
  SharedPolicy shared(snapshot_with(1));
  PolicyReader reader(shared);
  const std::weak_ptr<const PolicySnapshot> first = shared.load();
  reader.current();
  shared.store(snapshot_with(2));
  shared.free_replaced();
  EXPECT_FALSE(first.expired()) << "the reader has it";
  reader.current();
  EXPECT_FALSE(first.expired()) << "the reader has let go of it, and not freed it";
  shared.free_replaced();
  EXPECT_TRUE(first.expired());
  const std::weak_ptr<const PolicySnapshot> second = shared.load();
  reader.current();
  shared.store(snapshot_with(3));
  reader.current();
  shared.store(snapshot_with(4));
  EXPECT_TRUE(second.expired());
}

TEST(SharedPolicy, IsInForceUntilItsEnd) {
  SharedPolicy shared(snapshot_with(1));
  PolicyReader reader(shared);
  EXPECT_TRUE(shared.valid()) << "no end was set";
  shared.valid_until(BootTime{});
  EXPECT_FALSE(shared.valid());
  EXPECT_EQ(reader.current(), nullptr);
  shared.store(snapshot_with(2));
  EXPECT_EQ(reader.current(), nullptr) << "a newer policy is no lease";
  shared.valid_until(BootClock::now() + std::chrono::hours(1));
  ASSERT_NE(reader.current(), nullptr);
  EXPECT_EQ(epoch_of(*reader.current()), 2u);
  shared.valid_until(BootClock::now() + std::chrono::milliseconds(20));
  while (shared.valid()) std::this_thread::yield();
  EXPECT_EQ(reader.current(), nullptr);
}

TEST(TokenLimiter, CountsEachToken) {
  TokenLimiter limiter(2);
  EXPECT_TRUE(limiter.acquire(1));
  EXPECT_TRUE(limiter.acquire(1));
  EXPECT_FALSE(limiter.acquire(1));
  EXPECT_TRUE(limiter.acquire(17));  // the same shard
  limiter.release(1);
  EXPECT_TRUE(limiter.acquire(1));
}

TEST(TokenLimiter, ZeroMeansZero) {
  TokenLimiter limiter(0);
  EXPECT_FALSE(limiter.acquire(1));
}

TEST(TokenSlot, GivesItsPlaceBack) {
  TokenLimiter limiter(1);
  {
    TokenSlot slot;
    EXPECT_TRUE(slot.take(limiter, 1));
    EXPECT_TRUE(slot.take(limiter, 1));  // still the same place
    TokenSlot other;
    EXPECT_FALSE(other.take(limiter, 1));
    TokenSlot moved = std::move(slot);
    EXPECT_FALSE(other.take(limiter, 1));
    EXPECT_TRUE(moved.take(limiter, 2));  // changes places
    EXPECT_TRUE(other.take(limiter, 1));
  }
  EXPECT_TRUE(limiter.acquire(1));
  EXPECT_TRUE(limiter.acquire(2));
}

}  // namespace
}  // namespace weir::proxy
