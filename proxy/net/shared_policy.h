// The policy in force, shared by every thread: replaced whole, never changed. Beside what the
// engine decides by stand the limits of the tokens, which only the gate knows. In one of several
// replicas it is in force only for a time, because another one may change it.
#pragma once

#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "net/token_limits.h"
#include "weir/policy.h"

namespace weir::proxy {

/// Goes on while the machine sleeps, and nobody sets it.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  static time_point now() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
};
using BootTime = BootClock::time_point;

/// Any thread may call anything at any time. A store() that has returned is seen by every read that
/// begins later.
class SharedPolicy {
 public:
  SharedPolicy() = default;
  explicit SharedPolicy(std::shared_ptr<const PolicySnapshot> snapshot) {
    store(std::move(snapshot));
  }
  SharedPolicy(const SharedPolicy&) = delete;
  SharedPolicy& operator=(const SharedPolicy&) = delete;

  /// Null until the first store(). Whether it may still be acted on is another question: valid().
  std::shared_ptr<const PolicySnapshot> load() const {
    std::lock_guard lock(mutex_);
    return snapshot_;
  }

  using Limits = std::shared_ptr<const TokenLimitsTable>;

  /// Both at the same time.
  std::pair<std::shared_ptr<const PolicySnapshot>, Limits> load_all() const {
    std::lock_guard lock(mutex_);
    return {snapshot_, limits_};
  }

  void store(std::shared_ptr<const PolicySnapshot> snapshot, Limits limits = nullptr) {
    {
      std::lock_guard lock(mutex_);
      snapshot_.swap(snapshot);
      limits_.swap(limits);
      version_.fetch_add(1);
      if (snapshot != nullptr) replaced_.emplace_back(std::move(snapshot), std::move(limits));
    }
    free_replaced();
  }

  /// Frees what has been replaced and is not in use any more: by its caller, and not by whoever
  /// lets go of it last, because up to a million tokens take their time and a worker has none.
  void free_replaced() {
    std::vector<Replaced> unused;  // outlives the lock
    std::lock_guard lock(mutex_);
    const auto first = std::partition(replaced_.begin(), replaced_.end(), [](const Replaced& old) {
      return old.first.use_count() > 1 || old.second.use_count() > 1;
    });
    unused.assign(std::make_move_iterator(first), std::make_move_iterator(replaced_.end()));
    replaced_.erase(first, replaced_.end());
  }

  /// From here on nothing may be answered under any policy from `end` on. Until the first call
  /// there is no end.
  void valid_until(BootTime end) noexcept { end_.store(end.time_since_epoch().count()); }
  bool valid() const noexcept {
    const std::int64_t end = end_.load();
    return end == kNoEnd || BootClock::now().time_since_epoch().count() < end;
  }

  /// Grows with every store().
  std::uint64_t version() const noexcept { return version_.load(); }

 private:
  using Replaced = std::pair<std::shared_ptr<const PolicySnapshot>, Limits>;
  static constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

  mutable std::mutex mutex_;
  std::atomic<std::int64_t> end_{kNoEnd};
  std::shared_ptr<const PolicySnapshot> snapshot_;
  Limits limits_;
  std::vector<Replaced> replaced_;
  std::atomic<std::uint64_t> version_{0};
};

/// One thread's view of a SharedPolicy: takes the lock only after a change. Not thread-safe; the
/// SharedPolicy must outlive it.
class PolicyReader {
 public:
  explicit PolicyReader(const SharedPolicy& shared) : shared_(shared) {}

  /// What is in force now; null if nothing is (any more). The reference is good until the next
  /// call; copy the pointer to hold the snapshot.
  const std::shared_ptr<const PolicySnapshot>& current() {
    // INVARIANT: before the snapshot is read. Looked at afterwards, an end that a newer snapshot
    // has brought would let an older one pass.
    if (!shared_.valid()) return none_;
    std::uint64_t version = shared_.version();
    if (version != version_) {
      // INVARIANT: the version is read before the snapshot, so a cached snapshot is never older
      // than its version.
      auto [snapshot, limits] = shared_.load_all();
      snapshot_ = own(std::move(snapshot));
      limits_ = own(std::move(limits));
      version_ = version;
    }
    return snapshot_;
  }
  /// What stands beside the snapshot that current() gave last.
  const SharedPolicy::Limits& limits() const noexcept { return limits_; }

 private:
  // The same under a count of its own, so that the threads' copies for each request do not meet in
  // one cache line.
  template <typename T>
  static std::shared_ptr<const T> own(std::shared_ptr<const T> shared) {
    const T* object = shared.get();
    if (object == nullptr) return nullptr;
    return {std::make_shared<std::shared_ptr<const T>>(std::move(shared)), object};
  }

  const SharedPolicy& shared_;
  const std::shared_ptr<const PolicySnapshot> none_;
  std::shared_ptr<const PolicySnapshot> snapshot_;
  SharedPolicy::Limits limits_;
  std::uint64_t version_ = 0;
};

}  // namespace weir::proxy
