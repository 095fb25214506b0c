// From rows to the policy in force. A change is compiled before it is committed, so that what
// cannot be compiled is never stored, and published after it is committed, so that what is in force
// is always what is stored.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/shared_policy.h"
#include "store/store.h"
#include "weir/policy.h"
#include "weir/result.h"

namespace weir::proxy {

class Metrics;

/// Control thread only. What it is given must outlive it.
class Publisher {
 public:
  using Snapshot = std::shared_ptr<const PolicySnapshot>;

  Publisher(SharedPolicy& policy, Metrics* metrics) : policy_(policy), metrics_(metrics) {}

  /// What stands beside the rows. Takes part from the next prepare() on.
  struct Frame {
    std::vector<Account> accounts;
    Unfiltered unfiltered = Unfiltered::kAllow;
    std::string upstream_version = PolicySource{}.upstream_version;
  };
  const Frame& frame() const noexcept { return frame_; }
  void set_frame(Frame frame) { frame_ = std::move(frame); }
  bool has_account(const std::string& name) const;

  /// The policy as of this transaction, its uncommitted changes included. Tokens of accounts that
  /// are not configured are left out. Throws StoreError.
  Result<Snapshot> prepare(Transaction& work) const;

  /// From here on every new request is decided under it. Does not fail.
  void publish(Snapshot snapshot);

 private:
  SharedPolicy& policy_;
  Metrics* metrics_;
  Frame frame_;
};

}  // namespace weir::proxy
