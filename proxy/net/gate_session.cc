#include "net/gate_session.h"

#include <new>
#include <utility>

#include "http/credential.h"
#include "net/gate_request.h"

namespace weir::proxy {
namespace {

// Times a request is decided again because its token changed while the upstream answered.
constexpr int kMaxRedecisions = 3;
// A new connection is given this long for its first request during a drain.
constexpr Millis kDrainGrace{1000};
}  // namespace

GateSession::GateSession(Worker& worker, Socket socket, bool refused)
    : Session(worker.gate_sessions),
      worker_(worker),
      client_(worker, std::move(socket), worker.shared.settings.gate.limits),
      refused_(refused) {
  worker_.shared.metrics.connections("gate", 1);
}

GateSession::~GateSession() {
  worker_.shared.metrics.connections("gate", -1);
  worker_.shared.gate_connections.fetch_sub(1);
}

void GateSession::drain(TimePoint now) {
  if (client_.idle() && (served_ || now - opened_ > kDrainGrace)) client_.stream().abort();
}

void GateSession::hurry() {
  hurried_ = true;
  control_.cancel();
  if (client_.idle()) client_.stream().abort();
}

void GateSession::kill() {
  hurry();
  client_.stream().abort();
}

Task<void> GateSession::run(std::shared_ptr<GateSession> self) {
  std::shared_ptr<TlsContext> tls = self->worker_.shared.gate_tls.load();
  bool open = true;
  if (tls) {
    ClientConnection::Result shaken = co_await self->client_.handshake(tls);
    open = shaken.outcome == ClientConnection::Outcome::kDone;
    if (!open) self->client_.stream().abort();
  }
  while (open) open = co_await self->serve_one();
  co_await self->client_.finish();
}

// True if another request may follow on this connection.
Task<bool> GateSession::serve_one() {
  request_ = std::make_unique<Request>(worker_);
  control_ = WaitControl{};
  control_.cancelled = hurried_;
  ClientConnection::Result arrival = co_await client_.read_head(&request_->head);
  if (arrival.outcome == ClientConnection::Outcome::kClosed) co_return false;
  request_->has_head = arrival.outcome == ClientConnection::Outcome::kDone;

  End end = End::kBroken;
  bool out_of_memory = false;
  try {
    if (request_->has_head) {
      end = co_await serve_request();
    } else {
      end = co_await deny(arrival.deny, {}, {});
    }
  } catch (const std::bad_alloc&) {
    out_of_memory = true;
  }
  client_.stream().watch_peer(nullptr);
  if (out_of_memory && request_->status == 0) co_await deny(DenyCode::kLimitMemory, {}, {});
  if (out_of_memory || end == End::kBroken) client_.stream().abort();
  record();
  served_ = true;
  bool again = end == End::kAnswered && !out_of_memory && keep_alive();
  request_.reset();
  if (again) client_.end_request();
  co_return again;
}

void GateSession::record() {
  Request& request = *request_;
  auto duration =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - client_.started());
  RequestRecord record;
  record.request_id = request.id;
  record.listener = "gate";
  record.method = request.has_head ? method_name(request.head.method) : "-";
  record.route = request.decided ? request.verdict.route() : "-";
  record.token_id = request.decided ? request.verdict.token_id() : 0;
  record.outcome = request.outcome;
  record.code = request.code;
  record.status = request.status;
  record.upstream_status = request.upstream_status;
  record.bytes_in = client_.body().size();
  record.bytes_out = request.bytes_out;
  record.duration = duration;
  record.remote = client_.remote();
  record.upstream_error = request.upstream_error;
  worker_.shared.log.request(record);
  worker_.shared.metrics.request("gate", record.route, record.outcome, record.code, duration,
                                 record.bytes_in, record.bytes_out);
}

// kUndecided: nothing is wrong with it.
DenyCode GateSession::present_credential() {
  Credential credential = extract_credential(request_->head);
  if (credential.state == CredentialState::kConflict) return DenyCode::kTokenConflict;
  if (credential.state == CredentialState::kPresent) {
    request_->digest = worker_.shared.hooks.digest(credential.token.unsafe_reveal());
    request_->has_digest = true;
  }
  return DenyCode::kUndecided;
}

Task<GateSession::End> GateSession::serve_request() {
  DenyCode problem = present_credential();
  if (refused_) problem = DenyCode::kLimitConnections;
  if (problem != DenyCode::kUndecided) {
    End end = co_await deny(problem, {}, {});
    co_return end;
  }
  if (!client_.body_arrived(request_->head)) {
    // Nobody fills our memory without a valid token: ask for the token's sake before the body is
    // read.
    decide_now();
    request_->decided = false;
    if (request_->verdict.outcome() == Outcome::kDeny &&
        request_->verdict.deny_code() == DenyCode::kTokenInvalid) {
      End end = co_await deny(DenyCode::kTokenInvalid, {}, {});
      co_return end;
    }
  }
  ClientConnection::Result body = co_await client_.read_body(request_->head);
  if (body.outcome == ClientConnection::Outcome::kClosed) co_return End::kBroken;
  if (body.outcome == ClientConnection::Outcome::kDenied) {
    End end = co_await deny(body.deny, {}, {});
    co_return end;
  }
  decide_now();
  End end = co_await carry_out();
  co_return end;
}

void GateSession::decide_now() {
  Request& request = *request_;
  request.snapshot = worker_.policy.current();
  request.looked_up.clear();
  request.rendered.clear();
  request.field_caps.clear();
  request.fields_seen.clear();
  request.held.clear();
  decide_again();
}

// By the same snapshot as before.
void GateSession::decide_again() {
  Request& request = *request_;
  request.verdict = Verdict();
  if (!request.snapshot) return;
  RequestView view;
  view.method = request.head.method;
  view.target = request.head.target;
  view.content_type = request.head.content_type;
  view.body = client_.body();
  view.credential = request.has_digest ? &request.digest : nullptr;
  view.now_seconds = now_seconds();
  view.sealer = worker_.shared.sealer;
  view.looked_up = request.looked_up;
  view.rendered = request.rendered;
  view.field_caps = request.field_caps;
  view.fields_seen = request.fields_seen;
  request.verdict = decide(*request.snapshot, view, *request.workspace);
  request.decided = true;
}

Task<GateSession::End> GateSession::carry_out() {
  Request& request = *request_;
  for (int redecisions = 0;; ++redecisions) {
    if (!request.snapshot) {
      End end = co_await deny(DenyCode::kPolicyChanging, {}, {});
      co_return end;
    }
    const Verdict& verdict = request.verdict;
    if (verdict.token_id() != 0 && !request.used) {
      request.used = true;
      worker_.shared.hooks.used(verdict.token_id(), now_seconds());
    }
    if (verdict.outcome() == Outcome::kDeny) {
      End end = co_await deny(verdict.deny_code(), verdict.deny_path(), verdict.deny_detail());
      co_return end;
    }
    if (verdict.outcome() == Outcome::kReply) {
      request.outcome = "reply";
      End end = co_await answer(verdict.status(), DenyCode::kUndecided, verdict.reply_body());
      co_return end;
    }
    Try result;
    result.code = DenyCode::kLimitConcurrency;
    bool placed = request.slot.take(worker_.shared.limiter, verdict.token_id());
    if (placed) result = co_await try_upstream();
    if (result.kind == Try::Kind::kEnded) co_return result.end;
    if (result.kind == Try::Kind::kHeld) {
      decide_again();
      --redecisions;
      continue;
    }
    if (result.kind == Try::Kind::kMoved && redecisions < kMaxRedecisions) {
      worker_.shared.metrics.redecided();
      decide_now();
      continue;
    }
    if (result.kind == Try::Kind::kMoved) result.code = DenyCode::kPolicyChanging;
    End end = End::kBroken;
    if (!client_gone_) end = co_await deny(result.code, {}, {});
    co_return end;
  }
}

AnswerHead GateSession::answer_head(int status) const {
  AnswerHead head;
  head.status = status;
  head.keep_alive = keep_alive();
  head.request_id = request_->id;
  head.opaque_id = request_->head.opaque_id;
  return head;
}

bool GateSession::keep_alive() const {
  return request_->has_head && request_->head.keep_alive && client_.request_consumed() &&
         !refused_ && !worker_.shared.draining.load();
}

bool GateSession::head_only() const {
  return request_->has_head && request_->head.method == Method::kHead;
}

Task<GateSession::End> GateSession::deny(DenyCode code, std::string_view path,
                                         std::string_view detail) {
  std::string body;
  append_error_body(code, path, detail, body);
  request_->outcome = "deny";
  request_->code = deny_info(code).code;
  End end = co_await answer(deny_info(code).status, code, body);
  co_return end;
}

// A whole answer of Weir's own.
Task<GateSession::End> GateSession::answer(int status, DenyCode code, std::string_view body) {
  AnswerWriter writer(&client_, head_only());
  AnswerHead head = answer_head(status);
  if (!body.empty()) head.content_type = "application/json";
  head.content_length = body.size();
  head.challenge = status == 401 && code == DenyCode::kTokenInvalid;
  writer.begin(head);
  request_->status = status;
  std::vector<std::string_view> pieces = {body};
  bool written = co_await writer.write(std::move(pieces), true);
  request_->bytes_out = writer.bytes();
  co_return written ? End::kAnswered : End::kBroken;
}

}  // namespace weir::proxy
