// From rows to the policy in force. A change is compiled before it is committed, so that what
// cannot be compiled is never stored, and published after it is committed, so that what is in force
// is always what is stored.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "learn/knowledge.h"
#include "net/shared_policy.h"
#include "store/store.h"
#include "weir/policy.h"
#include "weir/result.h"

namespace weir::proxy {

class Metrics;

/// The frame is changed by the control thread alone, and with the turn. Whoever holds the turn may
/// prepare and publish. What it is given must outlive it.
class Publisher {
 public:
  using Snapshot = std::shared_ptr<const PolicySnapshot>;

  /// Without `knowledge` (null) scopes are patterns and filters are taken to be exact.
  Publisher(SharedPolicy& policy, Metrics* metrics, Knowledge* knowledge)
      : policy_(policy), metrics_(metrics), knowledge_(knowledge) {}

  /// What stands beside the rows. Takes part from the next prepare() on.
  struct Frame {
    std::vector<Account> accounts;
    Unfiltered unfiltered = Unfiltered::kAllow;
    std::string upstream_version = PolicySource{}.upstream_version;
  };
  const Frame& frame() const noexcept { return frame_; }
  void set_frame(Frame frame) { frame_ = std::move(frame); }
  bool has_account(const std::string& name) const;
  /// REQUIRES: has_account(name).
  const Account& account(const std::string& name) const;

  /// A policy, and the filter fields of all accounts.
  struct Prepared {
    std::uint64_t version = 0;  // Transaction::change_version()
    Snapshot snapshot;
    std::shared_ptr<const TokenLimitsTable> limits;
    std::set<std::string> fields;
  };

  /// To be held from before prepare() until after publish(): a policy must not be published over a
  /// newer one.
  [[nodiscard]] std::unique_lock<std::mutex> turn() { return std::unique_lock(turn_); }

  /// Of the policy in force. Any thread.
  std::uint64_t version() const noexcept { return version_.load(); }

  /// The policy as of this transaction, its uncommitted changes included, over the indices known
  /// now. Disabled tokens, and those of accounts that are not configured, are left out. Throws
  /// StoreError.
  Result<Prepared> prepare(Transaction& work) const;

  /// From here on every new request is decided under it. Does not fail.
  void publish(Prepared prepared);
  Snapshot in_force() const { return policy_.load(); }

 private:
  std::mutex turn_;
  std::atomic<std::uint64_t> version_{0};
  SharedPolicy& policy_;
  Metrics* metrics_;
  Knowledge* knowledge_;
  Frame frame_;
};

}  // namespace weir::proxy
