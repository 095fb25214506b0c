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

GateSession::GateSession(Worker& worker, Socket socket, std::string remote)
    : GateSession(worker, std::move(socket), false) {
  inside_ = true;
  client_.set_remote(std::move(remote));
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
  if (tls && !self->inside_) {
    ClientConnection::Result shaken = co_await self->client_.handshake(tls);
    open = shaken.outcome == ClientConnection::Outcome::kDone;
    if (!open) self->client_.stream().abort();
  }
  while (open) open = co_await self->serve_one();
  co_await self->client_.finish();
}

// True if another request may follow on this connection.
Task<bool> GateSession::serve_one() {
  control_ = WaitControl{};
  control_.cancelled = hurried_;
  ClientConnection::Result arrival = co_await client_.wait_head();
  bool closed = arrival.outcome == ClientConnection::Outcome::kClosed;
  if (closed && !client_.head_begun()) co_return false;
  request_ = std::make_unique<Request>(worker_);
  if (arrival.outcome == ClientConnection::Outcome::kDone) {
    arrival = client_.take_head(&request_->head);
  }
  request_->has_head = arrival.outcome == ClientConnection::Outcome::kDone;
  begin_trace();

  End end = End::kBroken;
  bool out_of_memory = false;
  try {
    if (request_->has_head) {
      end = co_await serve_request();
    } else if (!closed) {
      end = co_await deny(arrival.deny, {}, {});
    }
  } catch (const std::bad_alloc&) {
    out_of_memory = true;
  }
  client_.stream().watch_peer(nullptr);
  if (out_of_memory && request_->status == 0) co_await deny(DenyCode::kLimitMemory, {}, {});
  if (out_of_memory || end == End::kBroken) client_.stream().abort();
  note_end(end, out_of_memory);
  record();
  served_ = true;
  bool again = end == End::kAnswered && !out_of_memory && keep_alive();
  request_.reset();
  if (again) client_.end_request();
  co_return again;
}

// kUndecided: nothing is wrong with it.
DenyCode GateSession::present_credential() {
  Credential credential = extract_credential(request_->head);
  if (credential.state == CredentialState::kConflict) return DenyCode::kTokenConflict;
  if (credential.state == CredentialState::kPresent) {
    request_->digests = worker_.shared.hooks.digests(credential.token.unsafe_reveal());
    request_->has_digest = true;
  }
  return DenyCode::kUndecided;
}

Task<GateSession::End> GateSession::serve_request() {
  request_->enter(Stage::kToken);
  DenyCode problem = present_credential();
  if (refused_) {
    request_->enter(Stage::kLimit);
    problem = DenyCode::kLimitConnections;
  }
  if (problem != DenyCode::kUndecided) {
    End end = co_await deny(problem, {}, {});
    co_return end;
  }
  if (!client_.body_arrived(request_->head)) {
    // Nobody fills our memory without a valid token: ask for the token's sake before the body is
    // read.
    decide_now();
    if (!request_->snapshot) {
      End end = co_await deny(DenyCode::kStoreUnreachable, {}, {});
      co_return end;
    }
    problem = check_limits();
    if (request_->verdict.outcome() == Outcome::kDeny &&
        request_->verdict.deny_code() == DenyCode::kTokenInvalid) {
      problem = DenyCode::kTokenInvalid;
    }
    if (problem != DenyCode::kUndecided) {
      End end = co_await deny(problem, {}, {});
      co_return end;
    }
    request_->decided = false;
  }
  request_->enter(Stage::kBody);
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
  request.enter(Stage::kDecide);
  take_policy();
  request.limits = worker_.policy.limits();
  request.looked_up.clear();
  request.rendered.clear();
  request.field_caps.clear();
  request.fields_seen.clear();
  request.held.clear();
  decide_again();
}

// True if the keys have changed since the credential was hashed; then it has been hashed anew.
bool GateSession::hashed_anew() {
  if (!request_->has_digest ||
      request_->digests.generation() == worker_.shared.hooks.key_generation()) {
    return false;
  }
  return present_credential() == DenyCode::kUndecided;
}

// The snapshot in force, and the digest by which it knows the credential.
void GateSession::take_policy() {
  Request& request = *request_;
  // INVARIANT: digests older than the snapshot may lack the key that a row of it has moved to.
  do {
    request.snapshot = worker_.policy.current();
  } while (hashed_anew());
  request.digest = request.digests.size() == 0 ? TokenDigest() : *request.digests.begin();
  if (request.digests.size() < 2 || !request.snapshot) return;
  for (const TokenDigest& digest : request.digests) {
    if (request.snapshot->credential_epoch(digest, now_seconds()) != 0) request.digest = digest;
  }
}

// Whether the verdict is what the policy in force would say of this credential. A token whose
// digest moves to another key stays the same token: asking again would turn a page unread.
bool GateSession::still_holds() {
#ifdef WEIR_TEST_WITHOUT_RECHECK
  return true;  // of a program that only tests build, to see that they find it out
#else
  const Request& request = *request_;
  do {
    const std::shared_ptr<const PolicySnapshot>& current = worker_.policy.current();
    if (!current) return false;
    for (const TokenDigest& digest : request.digests) {
      if (current->credential_epoch(digest, now_seconds()) == request.verdict.token_epoch()) {
        return true;
      }
    }
  } while (hashed_anew());
  return false;
#endif
}

RequestView GateSession::view() const {
  const Request& request = *request_;
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
  return view;
}

// By the same snapshot as before.
void GateSession::decide_again() {
  Request& request = *request_;
  request.verdict = Verdict();
  if (!request.snapshot) return;
  request.verdict = decide(*request.snapshot, view(), *request.workspace);
  request.decided = true;
}

Task<GateSession::End> GateSession::carry_out() {
  Request& request = *request_;
  for (int redecisions = 0;; ++redecisions) {
    if (!request.snapshot) {
      End end = co_await deny(DenyCode::kStoreUnreachable, {}, {});
      co_return end;
    }
    const Verdict& verdict = request.verdict;
    if (DenyCode problem = check_limits(); problem != DenyCode::kUndecided) {
      End end = co_await deny(problem, {}, {});
      co_return end;
    }
    note_use();
    if (verdict.outcome() == Outcome::kDeny) {
      End end = co_await deny(verdict.deny_code(), verdict.deny_path(), verdict.deny_detail());
      co_return end;
    }
    if (verdict.outcome() == Outcome::kReply) {
      remember_fields();
      End end = co_await reply(verdict.status(), verdict.reply_body());
      co_return end;
    }
    if (const std::shared_ptr<const std::string> fields = known_fields()) {
      End end = co_await reply(200, *fields);
      co_return end;
    }
    Try result;
    result.code = DenyCode::kLimitConcurrency;
    request.enter(Stage::kLimit);
    bool placed = request.slot.take(worker_.shared.limiter, verdict.token_id(), max_at_once());
    if (placed) result = co_await try_upstream();
    if (result.kind == Try::Kind::kEnded) co_return result.end;
    if (result.kind == Try::Kind::kHeld && (!still_holds() || !limits_still_hold())) {
      result.kind = Try::Kind::kMoved;
    }
    if (result.kind == Try::Kind::kHeld) {
      request.enter(Stage::kDecide);
      decide_again();
      --redecisions;
      continue;
    }
    if (result.kind == Try::Kind::kMoved && redecisions < kMaxRedecisions) {
      worker_.shared.metrics.redecided();
      ++request.redecisions;
      decide_now();
      continue;
    }
    if (result.kind == Try::Kind::kMoved) result.code = DenyCode::kPolicyChanging;
    End end = End::kBroken;
    if (!client_gone_) end = co_await deny(result.code, {}, {});
    co_return end;
  }
}

void GateSession::note_use() {
  Request& request = *request_;
  const std::uint32_t token_id = request.verdict.token_id();
  if (token_id == 0 || request.used) return;
  request.used = true;
  worker_.shared.hooks.used(token_id, request.verdict.link_id(), now_seconds());
}

AnswerHead GateSession::answer_head(int status) const {
  AnswerHead head;
  head.status = status;
  head.keep_alive = keep_alive();
  head.request_id = request_->id_text();
  head.opaque_id = request_->head.opaque_id;
  head.retry_after = request_->retry_after;
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
  request_->where = path;
  tell_denial(code);
  End end = co_await answer(deny_info(code).status, code, body);
  co_return end;
}

// What the engine or the gate knows without the cluster.
Task<GateSession::End> GateSession::reply(int status, std::string_view body) {
  bool too_large = body.size() > max_answer_bytes() && !head_only();
  if (too_large) {
    request_->enter(Stage::kLimit);
    End end = co_await deny(DenyCode::kLimitResponse, {}, {});
    co_return end;
  }
  request_->outcome = "reply";
  End end = co_await answer(status, DenyCode::kUndecided, body);
  co_return end;
}

// A whole answer of Weir's own.
Task<GateSession::End> GateSession::answer(int status, DenyCode code, std::string_view body) {
  AnswerWriter writer(&client_, request_->bench.get(), head_only());
  AnswerHead head = answer_head(status);
  if (!body.empty()) head.content_type = "application/json";
  head.content_length = body.size();
  head.challenge = status == 401 && code == DenyCode::kTokenInvalid;
  writer.begin(head);
  request_->status = status;
  request_->enter(Stage::kWrite);
  bool written = co_await writer.write({&body, 1}, true);
  request_->bytes_out = writer.bytes();
  co_return written ? End::kAnswered : End::kBroken;
}

}  // namespace weir::proxy
