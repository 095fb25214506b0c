// From rows to the policy in force. A change is compiled before it is committed, so that what
// cannot be compiled is never stored, and published after it is committed, so that what is in force
// is always what is stored.
#pragma once

#include <memory>
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

/// Control thread only. What it is given must outlive it.
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
    Snapshot snapshot;
    std::set<std::string> fields;
  };

  /// The policy as of this transaction, its uncommitted changes included, over the indices known
  /// now. Tokens of accounts that are not configured are left out. Throws StoreError.
  Result<Prepared> prepare(Transaction& work) const;

  /// From here on every new request is decided under it. Does not fail.
  void publish(Prepared prepared);

 private:
  SharedPolicy& policy_;
  Metrics* metrics_;
  Knowledge* knowledge_;
  Frame frame_;
};

}  // namespace weir::proxy
