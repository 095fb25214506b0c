// Everything behind the admin listener as one object: store, keys and policy brought together at
// the start, kept together through changes, reloads and the news about the upstream.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "admin/publisher.h"
#include "admin/shared_tokens_api.h"
#include "admin/usage.h"
#include "auth/key_ring.h"
#include "config/config.h"
#include "http/small_handler.h"
#include "net/shared_policy.h"
#include "observe/log.h"
#include "store/store.h"
#include "weir/result.h"

namespace weir::proxy {

/// Control thread only, but for digest() and note_use(). What it is given must outlive it.
class ControlPlane {
 public:
  struct Parts {
    Store& store;
    const KeyRing& keys;
    SharedPolicy& policy;
    Metrics* metrics = nullptr;
    Log& log;
    std::function<Seconds()> now;
    Knowledge* knowledge = nullptr;  // null: indices and mappings are not looked at
  };
  ControlPlane(Parts parts, Config config);

  /// Makes the accounts known to the store, the first API token if there has never been one, and
  /// puts the policy in force. Problems, also of the store, stop the start.
  std::vector<Problem> start();

  SmallResponse answer(const SmallRequest& request) noexcept { return api_.answer(request); }

  /// Takes over what can change and says in the log what cannot. On problems, which the log tells
  /// too, everything stays as it was and the answer is false.
  bool reload(const Result<Config>& loaded) noexcept;

  /// The upstream told its version.
  void learn_version(const std::string& version) noexcept;

  /// What is known of the indices has changed. Moves no token's epoch: open cursors go on.
  void learn_indices() noexcept;

  /// Any thread, several at once. All zero bytes, which no token has, if the library fails.
  TokenDigest digest(std::string_view secret) const noexcept;
  void note_use(std::uint32_t token_id, Seconds now) noexcept { usage_.note(token_id, now); }

  /// Brings the noted uses to the store; what cannot be written now waits for the next time.
  void flush_usage() noexcept;

 private:
  std::vector<Problem> bring_up(Transaction& work);
  std::vector<Problem> publish_with(Publisher::Frame frame, bool accounts_too);
  Publisher::Frame frame_of(const Config& config) const;

  Parts parts_;
  Config config_;
  Publisher publisher_;
  UsageBook usage_;
  SharedTokensApi api_;
  bool flush_failed_ = false;
};

}  // namespace weir::proxy
