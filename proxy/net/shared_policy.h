// The policy in force, shared by every thread: replaced whole, never changed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "weir/policy.h"

namespace weir::proxy {

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

  /// Null until the first store().
  std::shared_ptr<const PolicySnapshot> load() const {
    std::lock_guard lock(mutex_);
    return snapshot_;
  }

  void store(std::shared_ptr<const PolicySnapshot> snapshot) {
    {
      std::lock_guard lock(mutex_);
      snapshot_.swap(snapshot);
      version_.fetch_add(1);
    }
    // The old snapshot (up to a million tokens) is freed here, outside the lock.
  }

  /// Grows with every store().
  std::uint64_t version() const noexcept { return version_.load(); }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const PolicySnapshot> snapshot_;
  std::atomic<std::uint64_t> version_{0};
};

/// One thread's view of a SharedPolicy: takes the lock only after a change. Not thread-safe; the
/// SharedPolicy must outlive it.
class PolicyReader {
 public:
  explicit PolicyReader(const SharedPolicy& shared) : shared_(shared) {}

  /// What is in force now. The reference is good until the next call; copy the pointer to hold the
  /// snapshot.
  const std::shared_ptr<const PolicySnapshot>& current() {
    std::uint64_t version = shared_.version();
    if (version != version_) {
      // INVARIANT: the version is read before the snapshot, so a cached snapshot is never older
      // than its version.
      snapshot_ = shared_.load();
      version_ = version;
    }
    return snapshot_;
  }

 private:
  const SharedPolicy& shared_;
  std::shared_ptr<const PolicySnapshot> snapshot_;
  std::uint64_t version_ = 0;
};

}  // namespace weir::proxy
