// From rows to the policy in force. A change is compiled before it is committed, so that what
// cannot be compiled is never stored, and published after it is committed, so that what is in force
// is always what is stored.
//
// A change costs what it touches: the rows that have changed since the policy in force are read,
// and the rest is shared with it. All rows are read at the start, when accounts or indices are
// others, and when the store cannot tell what has changed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
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

  /// What stands beside the rows.
  struct Frame {
    std::vector<Account> accounts;
    Unfiltered unfiltered = Unfiltered::kAllow;
    std::string upstream_version = PolicySource{}.upstream_version;
  };
  using FramePointer = std::shared_ptr<const Frame>;
  const Frame& frame() const noexcept { return *frame_; }
  FramePointer shared_frame() const noexcept { return frame_; }
  /// Takes part from the next prepare() on.
  void set_frame(Frame frame) { put_frame(std::make_shared<const Frame>(std::move(frame))); }
  void put_frame(FramePointer frame) { frame_ = std::move(frame); }
  bool has_account(const std::string& name) const;
  /// REQUIRES: has_account(name).
  const Account& account(const std::string& name) const;

  /// A policy, and what it was made of.
  struct Prepared {
    std::uint64_t version = 0;  // Transaction::change_version()
    FramePointer frame;
    std::vector<std::shared_ptr<const Catalog>> catalogs;  // of the accounts, in their order
    Snapshot snapshot;
    std::shared_ptr<const TokenLimitsTable> limits;
    /// The filter fields of all accounts; maybe some that no filter has any more.
    std::shared_ptr<const std::set<std::string>> fields;
  };

  /// To be held from before prepare() until after publish(): a policy must not be published over a
  /// newer one.
  [[nodiscard]] std::unique_lock<std::mutex> turn() { return std::unique_lock(turn_); }

  /// Of the policy in force. Any thread.
  std::uint64_t version() const noexcept { return version_.load(); }

  /// The policy as of this transaction, its uncommitted changes included, over the indices known
  /// now. Disabled tokens, and those of accounts that are not configured, are left out. Cost: of
  /// what has changed since the policy in force; of all rows if the frame or the indices have.
  /// Throws StoreError.
  Result<Prepared> prepare(Transaction& work) const;

  /// A policy with this frame and the indices known now, of rows that are read little by little
  /// while others may change them: a beginning for the other prepare(). Control thread, without the
  /// turn. Cost: of all rows. Throws StoreError.
  Result<Prepared> read_anew(Store& store, FramePointer frame) const;
  /// The same as prepare() for a frame that is in `begun` already. Cost: of what has changed since.
  Result<Prepared> prepare(Transaction& work, const Prepared& begun) const;

  /// Whether the policy in force was made with this frame and of the indices known now. Needs the
  /// turn.
  bool is_current() const;

  /// From here on every new request is decided under it. Does not fail.
  void publish(Prepared prepared);
  Snapshot in_force() const { return policy_.load(); }

 private:
  struct Making;
  using Catalogs = std::vector<std::shared_ptr<const Catalog>>;

  Catalogs catalogs_of(const Frame& frame) const;
  static PolicySource source_of(const Prepared& begun);
  Result<Prepared> prepare_whole(Transaction& work) const;
  static std::optional<Result<Prepared>> prepare_changes(Transaction& work, const Prepared& base);

  std::mutex turn_;
  std::atomic<std::uint64_t> version_{0};
  SharedPolicy& policy_;
  Metrics* metrics_;
  Knowledge* knowledge_;
  FramePointer frame_ = std::make_shared<const Frame>();
  Prepared in_force_;
};

}  // namespace weir::proxy
