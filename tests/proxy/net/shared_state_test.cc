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
