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
#include "weir/engine.h"

namespace weir::proxy {

// Everything of one request; a new one for each.
struct GateSession::Request {
  explicit Request(Worker& the_worker)
      : worker(the_worker),
        id(the_worker.next_request_id()),
        workspace(the_worker.take_workspace()),
        held(the_worker.shared) {}
  ~Request() { worker.return_workspace(std::move(workspace)); }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  Worker& worker;
  std::string id;
  std::unique_ptr<Workspace> workspace;
  RequestHead head;
  bool has_head = false;
  TokenDigest digest;
  bool has_digest = false;
  std::shared_ptr<const PolicySnapshot> snapshot;  // what the verdict was made under
  Verdict verdict;
  std::string looked_up;  // as in RequestView
  std::string rendered;
  std::string field_caps;
  std::string fields_seen;
  BufferBudget held;  // for all of them
  bool decided = false;
  bool used = false;
  TokenSlot slot;

  // For the record.
  std::string_view outcome = "aborted";
  std::string_view code;
  int status = 0;
  int upstream_status = 0;
  std::uint64_t bytes_out = 0;
  std::string upstream_error;
};

}  // namespace weir::proxy
