// The part of GateSession that says what has become of a request: to the log, the metrics, the book
// of use and the audit.
#include <algorithm>
#include <chrono>
#include <utility>

#include "http/credential.h"
#include "http/scrub.h"
#include "net/gate_request.h"
#include "net/gate_session.h"
#include "trace/asked_indices.h"
#include "trace/tracer.h"

namespace weir::proxy {
namespace {

std::int64_t now_millis() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void GateSession::begin_trace() {
  const Tracer* tracer = worker_.shared.hooks.tracer;
  if (tracer == nullptr || !tracer->on()) return;
  request_->clock = std::make_unique<StageClock>(client_.started());
}

// Whose token it was before it expired. For the record only: the client learns nothing of it.
void GateSession::find_expired() {
  Request& request = *request_;
  constexpr std::int64_t kLongAgo = 0;
  if (!request.has_digest || !request.snapshot) return;
  const auto* known =
      std::find_if(request.digests.begin(), request.digests.end(), [&](const TokenDigest& digest) {
        return request.snapshot->credential_epoch(digest, kLongAgo) != 0;
      });
  if (known == request.digests.end()) return;
  RequestView view;
  view.target = "/";
  view.credential = known;
  view.now_seconds = kLongAgo;
  Workspace workspace(request.workspace->limits());
  const Verdict once = decide(*request.snapshot, view, workspace);
  request.expired_id = once.token_id();
  request.expired_account = once.account();
}

// Before the answer is written: whoever has it can find the denial counted.
void GateSession::tell_denial(DenyCode code) {
  Request& request = *request_;
  Cause cause = cause_of(code);
  if (code == DenyCode::kTokenInvalid) {
    request.stage = Stage::kToken;
    find_expired();
    if (request.expired_id != 0) cause = kTokenExpired;
  }
  request.fail(cause);
  const std::uint32_t token_id =
      request.expired_id != 0 ? request.expired_id : request.verdict.token_id();
  if (token_id == 0 || !is_denial(code) || !worker_.shared.hooks.denied) return;
  worker_.shared.hooks.denied(
      {.token_id = token_id,
       .account = request.expired_id != 0 ? request.expired_account : request.verdict.account(),
       .route = request.decided ? request.verdict.route() : "-",
       .code = cause.code,
       .request_id = request.id_text()});
}

// What went wrong, if nobody has said so yet.
void GateSession::note_end(End end, bool out_of_memory) {
  Request& request = *request_;
  if (out_of_memory) {
    request.fail(cause_of(DenyCode::kLimitMemory));
  } else if (end == End::kBroken && request.cause.code.empty()) {
    request.outcome = "aborted";
    request.fail(hurried_ ? cause_of(DenyCode::kDraining) : kClientGone);
  }
}

// Names in a body stand in `where`, and some clusters, or proxies before them, quote what they were
// sent.
void GateSession::take_out_secrets(std::string_view account) {
  Request& request = *request_;
  if (request.where.empty() && request.upstream_error.empty()) return;
  if (request.has_head) {
    const Credential credential = extract_credential(request.head);
    scrub(request.where, credential.token.unsafe_reveal());
    scrub(request.upstream_error, credential.token.unsafe_reveal());
  }
  if (request.upstream_error.empty()) return;
  for (const std::string& secret : worker_.pool(account).upstream().secrets) {
    scrub(request.upstream_error, secret);
  }
}

void GateSession::record() {
  Request& request = *request_;
  const TimePoint end = Clock::now();
  auto duration = std::chrono::duration_cast<std::chrono::microseconds>(end - client_.started());
  // The stages of a trace make up the whole of it.
  if (request.clock) request.clock->enter(Stage::kWrite, end);
  RequestRecord record;
  record.request_id = request.id_text();
  record.listener = "gate";
  record.method = request.has_head ? method_name(request.head.method) : "-";
  record.route = request.decided ? request.verdict.route() : "-";
  record.token_id = request.decided ? request.verdict.token_id() : 0;
  if (request.decided) record.account = request.verdict.account();
  if (request.expired_id != 0) {
    record.token_id = request.expired_id;
    record.account = request.expired_account;
  }
  record.outcome = request.outcome;
  record.cause = request.cause;
  record.stage = request.failed_at;
  take_out_secrets(record.account);
  record.where = request.where;
  record.upstream = request.upstream;
  record.status = request.status;
  record.upstream_status = request.upstream_status;
  record.bytes_in = client_.body().size();
  record.bytes_out = request.bytes_out;
  record.duration = duration;
  record.remote = client_.remote();
  record.upstream_error = request.upstream_error;
  worker_.shared.log.request(record);
  Metrics& metrics = worker_.shared.metrics;
  metrics.request("gate", record.route, record.outcome, record.cause.code, duration,
                  record.bytes_in, record.bytes_out);
  if (!record.cause.code.empty()) metrics.failure(stage_name(record.stage), record.cause.code);
  if (request.clock) trace(record);
}

void GateSession::trace(const RequestRecord& record) {
  Request& request = *request_;
  const std::vector<std::string> indices =
      asked_indices(request.has_head ? request.head.target : std::string_view(), request.verdict);
  TraceRecord trace;
  trace.trace = worker_.shared.hooks.tracer->match({.account = record.account,
                                                    .token = record.token_id,
                                                    .route = record.route,
                                                    .request_id = record.request_id,
                                                    .indices = indices},
                                                   now_millis());
  if (trace.trace == 0) return;
  trace.indices = indices;
  trace.spent = request.clock->spent();
  trace.upstream_bytes_out = request.upstream_bytes_out;
  trace.upstream_bytes_in = request.upstream_bytes_in;
  trace.upstream_requests = request.upstream_requests;
  trace.redecisions = request.redecisions;
  trace.resent = request.resent;
  trace.connected = request.connected;
  worker_.shared.log.trace(record, trace);
}

}  // namespace weir::proxy
