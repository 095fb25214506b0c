// Everything behind the admin listener as one object: store, keys and policy brought together at
// the start, kept together through changes, reloads and the news about the upstream.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "admin/call_limiter.h"
#include "admin/denials.h"
#include "admin/inquiries.h"
#include "admin/key_keeper.h"
#include "admin/publisher.h"
#include "admin/shared_tokens_api.h"
#include "admin/usage.h"
#include "auth/key_ring.h"
#include "config/config.h"
#include "fleet/fleet.h"
#include "http/small_handler.h"
#include "net/shared_policy.h"
#include "observe/log.h"
#include "store/store.h"
#include "trace/tracer.h"
#include "weir/result.h"

namespace weir::proxy {

/// Control thread only, but for note_use() and note_denial(). What it is given must outlive it.
class ControlPlane {
 public:
  struct Parts {
    Store& store;
    KeyRing& keys;
    SharedPolicy& policy;
    Metrics* metrics = nullptr;
    Log& log;
    std::function<Seconds()> now;
    Knowledge* knowledge = nullptr;             // null: indices and mappings are not looked at
    const KeySource* key_source = nullptr;      // null: the keys stay as they are
    std::function<std::int64_t()> now_ms = {};  // null: now(), in whole seconds
  };
  ControlPlane(Parts parts, Config config);

  /// Makes the accounts known to the store, the first API token if there has never been one, and
  /// puts the policy in force. Problems stop the start. Throws StoreError.
  std::vector<Problem> start();

  /// The other replicas, which must outlive it; null: there are none. Before start().
  void set_fleet(Fleet* fleet) noexcept;

  /// What all replicas over one store must have in common, as one text.
  std::string fleet_frame() const { return frame_text(config_); }

  /// Brings the policy in force up to the store, as another replica has changed it. Any thread.
  /// Throws StoreError.
  void catch_up();

  /// The version of the store that is in force. Any thread.
  std::uint64_t version_in_force() const noexcept { return publisher_.version(); }

  SmallResponse answer(const SmallRequest& request) noexcept { return api_.answer(request); }

  /// What is to be traced; any thread.
  Tracer& tracer() noexcept { return tracer_; }

  /// Any thread: the place of a call from its arrival to its answer; nothing if the account has as
  /// many under way as it may.
  std::optional<CallLimiter::Place> enter(std::string_view api_token) noexcept;

  /// Takes over what can change and says in the log what cannot. On problems, which the log tells
  /// too, everything stays as it was and the answer is false.
  bool reload(const Result<Config>& loaded) noexcept;

  /// The upstream told its version.
  void learn_version(const std::string& version) noexcept;

  /// What is known of the indices has changed. Moves no token's epoch: open cursors go on.
  void learn_indices() noexcept;

  /// Looks whether the key file or the store's active key has changed, and takes that up.
  void look_at_keys() noexcept;

  /// Any thread, several at once.
  void note_use(std::uint32_t token_id, Seconds now, std::uint32_t link_id = 0) noexcept {
    usage_.note(token_id, now, link_id);
  }
  void note_denial(const Denial& denial) noexcept;

  /// Brings the noted uses and denials to the store, and trims the audit now and then; what cannot
  /// be written now waits for the next time.
  void flush_usage() noexcept;

 private:
  std::vector<Problem> bring_up(Transaction& work);
  void trim_audit(Transaction& work);
  std::vector<Problem> publish_accounts(Publisher::Frame frame);
  std::vector<Problem> publish_anew(Publisher::FramePointer frame);
  Publisher::Frame frame_of(const Config& config) const;
  static std::string frame_text(const Config& config);
  std::vector<Problem> tell_fleet(const Config& next);

  Parts parts_;
  Fleet* fleet_ = nullptr;
  Config config_;
  Publisher publisher_;
  KeyKeeper key_keeper_;
  UsageBook usage_;
  CallLimiter limiter_;
  DenialBook denials_;
  Inquiries inquiries_;
  Tracer tracer_;
  SharedTokensApi api_;
  Seconds next_trim_ = 0;  // of the audit
  bool flush_failed_ = false;
  bool look_failed_ = false;
};

}  // namespace weir::proxy
