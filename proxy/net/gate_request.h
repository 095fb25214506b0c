// What one request of the gate holds while it is under way. Internal to GateSession.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/head_guard.h"
#include "net/gate_session.h"
#include "net/token_limiter.h"
#include "net/worker.h"
#include "observe/causes.h"
#include "observe/stage_clock.h"
#include "weir/engine.h"

namespace weir::proxy {

// Everything of one request; a new one for each, from when its head has come.
struct GateSession::Request {
  explicit Request(Worker& the_worker)
      : worker(the_worker),
        id(the_worker.next_request_id()),
        bench(the_worker.take_workbench()),
        workspace(&bench->workspace),
        head(bench->head),
        held(the_worker.shared) {}
  ~Request() { worker.return_workbench(std::move(bench)); }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  static void* operator new(std::size_t bytes) { return take_frame(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    give_frame(memory, bytes);
  }

  std::string_view id_text() const noexcept { return {id.data(), id.size()}; }

  Worker& worker;
  const Worker::RequestId id;
  std::unique_ptr<Workbench> bench;
  Workspace* const workspace;
  RequestHead& head;
  bool has_head = false;
  TokenDigests digests;
  TokenDigest digest;  // the one of them that the snapshot knows
  bool has_digest = false;
  std::shared_ptr<const PolicySnapshot> snapshot;  // what the verdict was made under
  SharedPolicy::Limits limits;                     // what stands beside it
  Verdict verdict;
  std::string looked_up;  // as in RequestView
  std::string rendered;
  std::string field_caps;
  std::string fields_seen;
  BufferBudget held;       // for all of them
  std::string fields_key;  // where the answer is kept; empty: it is not
  bool decided = false;
  bool used = false;
  TokenSlot slot;

  bool rated = false;             // counted against the token's rate
  std::uint32_t retry_after = 0;  // seconds, for the answer

  /// From here on it is at `next`.
  void enter(Stage next) {
    stage = next;
    if (clock) clock->enter(next, Clock::now());
  }
  /// What went wrong went wrong where it is now. The first one counts.
  void fail(Cause what) {
    if (!cause.code.empty()) return;
    cause = what;
    failed_at = stage;
  }

  // For the record.
  Stage stage = Stage::kHead;
  Stage failed_at = Stage::kHead;
  Cause cause;
  std::string where;
  std::uint32_t expired_id = 0;  // the token that the credential opened once
  std::string expired_account;
  std::unique_ptr<StageClock> clock;  // null: it is not traced
  std::string_view upstream;          // its name, once it takes part
  std::uint64_t upstream_bytes_out = 0;
  std::uint64_t upstream_bytes_in = 0;
  std::uint32_t upstream_requests = 0;
  std::uint32_t redecisions = 0;
  std::uint32_t resent = 0;
  bool connected = false;
  std::string_view outcome = "aborted";
  int status = 0;
  int upstream_status = 0;
  std::uint64_t bytes_out = 0;
  std::string upstream_error;
};

}  // namespace weir::proxy
