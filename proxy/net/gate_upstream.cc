// The half of GateSession that talks to the upstream: a verdict out, an answer back.
#include <limits>
#include <span>
#include <utility>

#include "http/gunzip.h"
#include "http/head_writer.h"
#include "net/gate_request.h"
#include "net/gate_session.h"

namespace weir::proxy {
namespace {

// Answers are sent in pieces of about this size.
constexpr std::size_t kFlushBytes = 64U << 10U;

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

std::uint64_t size_of(const std::vector<std::string_view>& pieces) {
  std::uint64_t size = 0;
  for (std::string_view piece : pieces) size += piece.size();
  return size;
}

// Inside an answer, an end is as wrong as garbage.
ExchangeError cut_short(ExchangeError error) {
  bool silent = error == ExchangeError::kTimeout || error == ExchangeError::kAborted;
  return silent ? error : ExchangeError::kProtocol;
}

}  // namespace

std::span<const std::string_view> GateSession::upstream_pieces() const {
  const Verdict& verdict = request_->verdict;
  const Upstream& upstream = worker_.pool(verdict.account()).upstream();
  UpstreamRequestHead parts;
  parts.method = verdict.method();
  parts.path_prefix = upstream.settings.path_prefix;
  parts.target = verdict.target();
  parts.fixed_headers = upstream.fixed_headers;
  parts.content_type = verdict.content_type();
  bool has_body = !verdict.body().empty();
  if (has_body || verdict.method() == Method::kPost || verdict.method() == Method::kPut) {
    parts.content_length = verdict.body_bytes();
  }
  parts.gzip = asks_gzip();
  parts.opaque_id = request_->head.opaque_id;
  std::string& head = request_->bench->upstream_head;
  std::vector<std::string_view>& pieces = request_->bench->upstream_pieces;
  head.clear();
  pieces.clear();
  append_upstream_head(parts, head);
  pieces.push_back(head);
  pieces.insert(pieces.end(), verdict.body().begin(), verdict.body().end());
  return pieces;
}

// A compressed answer is only of use where it can be passed on as it is.
bool GateSession::asks_gzip() const {
  return request_->verdict.plan().kind == PlanKind::kStream && request_->head.accepts_gzip;
}

GateSession::Try GateSession::failed(ExchangeError error) {
  Try result;
  Metrics& metrics = worker_.shared.metrics;
  if (control_.cancelled) {
    result.code = DenyCode::kDraining;
    return result;
  }
  switch (error) {
    case ExchangeError::kTimeout:
      metrics.upstream_error(UpstreamError::kTimeout);
      result.code = DenyCode::kUpstreamTimeout;
      break;
    case ExchangeError::kProtocol:
      metrics.upstream_error(UpstreamError::kProtocol);
      result.code = DenyCode::kUpstreamProtocol;
      break;
    case ExchangeError::kNone:
    case ExchangeError::kClosed:
    case ExchangeError::kAborted:
      metrics.upstream_error(UpstreamError::kUnreachable);
      result.code = DenyCode::kUpstreamUnreachable;
      break;
  }
  return result;
}

Task<GateSession::Try> GateSession::try_upstream() {
  client_.stream().watch_peer([this] {
    client_gone_ = true;
    control_.cancel();
  });
  UpstreamPool& pool = worker_.pool(request_->verdict.account());
  const std::string& name = pool.upstream().settings.name;
  request_->upstream = name.empty() ? std::string_view("default") : name;
  Try result;
  for (bool fresh = false;; fresh = true) {
    request_->enter(Stage::kPool);
    Acquired acquired = co_await pool.acquire(fresh, &control_);
    if (acquired.connecting) note_connecting(*acquired.connecting);
    if (control_.cancelled) co_return failed(ExchangeError::kAborted);
    if (!acquired.lease) {
      result.code = acquired.error;
      co_return result;
    }
    bool stale = false;
    control_.stream = &acquired.lease.connection().stream;
    result = co_await exchange(&acquired.lease, &stale);
    control_.stream = nullptr;
    if (stale && fresh) result = failed(ExchangeError::kClosed);
    if (!stale || fresh) co_return result;
    worker_.shared.metrics.upstream_retry();
    ++request_->resent;
  }
}

Task<GateSession::Try> GateSession::exchange(UpstreamLease* lease, bool* stale) {
  Request& request = *request_;
  const Upstream& upstream = worker_.pool(request.verdict.account()).upstream();
  Exchange exchange(&lease->connection(), &upstream.settings);
  ResponseHead& head = request.bench->answer;
  request.enter(Stage::kUpstreamSend);
  ++request.upstream_requests;
  request.upstream_bytes_out += request.verdict.body_bytes();
  ExchangeError error = co_await exchange.send(upstream_pieces());
  if (error == ExchangeError::kNone) {
    request.enter(Stage::kUpstreamHead);
    error = co_await exchange.read_head(request.verdict.method() == Method::kHead, &head);
  }
  // A kept connection that the upstream had closed meanwhile: the request was not worked on.
  // Closing cursors twice would count differently, everything else only reads.
  *stale = error == ExchangeError::kClosed && lease->reused() && !exchange.answered() &&
           !control_.cancelled && request.verdict.plan().kind != PlanKind::kClearCursors;
  if (*stale) co_return Try{};
  if (error != ExchangeError::kNone) co_return failed(error);
  request.upstream_status = head.status;
  note_answer(head.status);
  request.enter(Stage::kEpoch);

  // INVARIANT: no byte of an answer is passed on that was computed under a filter which no longer
  // holds.
  if (!still_holds() || !limits_still_hold()) {
    Try moved;
    moved.kind = Try::Kind::kMoved;
    co_return moved;
  }
  request.enter(Stage::kUpstreamBody);
  Try result;
  if (holds_answer(request.verdict.plan())) {
    result = co_await hold_answer(&exchange, &head);
  } else if (passes_untouched(request.verdict.plan(), head.status)) {
    result = co_await respond_untouched(&exchange, &head);
  } else {
    result = co_await respond_edited(&exchange, &head);
  }
  exchange.finish();
  if (exchange.reusable()) lease->keep();
  co_return result;
}

void GateSession::note_connecting(TimePoint since) {
  Request& request = *request_;
  request.stage = Stage::kConnect;
  request.connected = true;
  if (request.clock) request.clock->enter(Stage::kConnect, since);
}

// The client sees a missing end, never a short answer that looks whole.
GateSession::Try GateSession::cut(Cause cause) {
  request_->fail(cause);
  request_->outcome = "aborted";
  Try result;
  result.kind = Try::Kind::kEnded;
  return result;
}

void GateSession::note_answer(int status) {
  bool healthy = status < 500 && status != 401 && status != 403;
  Upstream& upstream = worker_.pool(request_->verdict.account()).upstream();
  if (healthy) upstream.last_answer.store(Clock::now().time_since_epoch().count());
}

Task<GateSession::Try> GateSession::respond_untouched(Exchange* exchange, const ResponseHead* head) {
  Request& request = *request_;
  bool gzip = head->encoding == ResponseEncoding::kGzip;
  bool bodiless = head->framing == BodyFraming::kNone;
  if ((gzip && !asks_gzip()) || (!bodiless && !is_json(head->content_type))) {
    request.enter(Stage::kUpstreamHead);
    co_return failed(ExchangeError::kProtocol);
  }
  const std::uint64_t most = head_only() ? kNoLimit : max_answer_bytes();
  std::vector<std::string_view>& pieces = request.bench->body_pieces;
  ExchangeError error = co_await exchange->read_body(&pieces);
  if (error != ExchangeError::kNone) co_return failed(cut_short(error));  // nothing was sent yet
  std::uint64_t seen = size_of(pieces);
  if (seen > most || (head->framing == BodyFraming::kLength && head->content_length > most)) {
    co_return too_large();
  }
  Try result;
  if (!still_holds() || !limits_still_hold()) {
    result.kind = Try::Kind::kMoved;
    co_return result;
  }
  AnswerWriter writer(&client_, request.bench.get(), head_only());
  writer.begin(untouched_head(*head));
  request.outcome = "forward";
  request.status = head->status;
  result.kind = Try::Kind::kEnded;
  while (true) {
    bool last = exchange->ended();
    request.enter(Stage::kWrite);
    bool written = co_await writer.write(pieces, last);
    request.bytes_out = writer.bytes();
    request.upstream_bytes_in += size_of(pieces);
    if (!written) co_return result;
    if (last) break;
    request.enter(Stage::kUpstreamBody);
    error = co_await exchange->read_body(&pieces);
    if (error != ExchangeError::kNone) {
      worker_.shared.metrics.upstream_error(UpstreamError::kTruncated);
      co_return cut(kAnswerCut);
    }
    seen += size_of(pieces);
    if (seen > most) {
      request.enter(Stage::kLimit);
      co_return cut(cause_of(DenyCode::kLimitResponse));
    }
  }
  result.end = End::kAnswered;
  co_return result;
}

AnswerHead GateSession::untouched_head(const ResponseHead& head) const {
  bool bodiless = head.framing == BodyFraming::kNone;
  AnswerHead answer = answer_head(head.status);
  if (!bodiless) answer.content_type = answer_content_type(head.content_type);
  if (head.framing == BodyFraming::kLength) answer.content_length = head.content_length;
  if (bodiless && !head_only()) answer.content_length = 0;
  answer.bodiless = bodiless;
  answer.gzip = head.encoding == ResponseEncoding::kGzip;
  return answer;
}

// Nothing was sent yet.
GateSession::Try GateSession::too_large() {
  request_->enter(Stage::kLimit);
  Try result;
  result.code = DenyCode::kLimitResponse;
  return result;
}

namespace {

// Feeds an editor with an answer's pieces, inflating them if they came compressed.
class EditFeed {
 public:
  EditFeed(ResponseEditor* editor, bool gzip, std::uint64_t max_bytes) : editor_(editor) {
    if (gzip) gunzip_ = std::make_unique<Gunzip>(max_bytes);
  }

  bool feed(const std::vector<std::string_view>& pieces, std::string& out) {
    for (std::string_view piece : pieces) {
      if (gunzip_) {
        inflated_.clear();
        state_ = gunzip_->feed(piece, inflated_);
        if (state_ == Gunzip::State::kMalformed || state_ == Gunzip::State::kTooLarge) return false;
        piece = inflated_.view();
      }
      if (editor_->feed(piece, out) == ResponseEditor::Progress::kFailed) return false;
    }
    return true;
  }

  bool finish(std::string& out) {
    if (gunzip_ && state_ != Gunzip::State::kDone) return false;
    return editor_->finish(out) != ResponseEditor::Progress::kFailed && editor_->head_ready();
  }

 private:
  ResponseEditor* editor_;
  std::unique_ptr<Gunzip> gunzip_;
  Gunzip::State state_ = Gunzip::State::kMore;
  ByteBuffer inflated_;
};

}  // namespace

namespace {

// What an answer that is held goes into, and what is wrong with one that is too large.
struct Held {
  std::string* text;
  DenyCode too_large;
};

Held held_by(PlanKind kind, std::string& looked_up, std::string& rendered, std::string& field_caps,
             std::string& fields_seen) {
  if (kind == PlanKind::kRender) return {&rendered, DenyCode::kTemplateSize};
  if (kind == PlanKind::kFieldCaps) return {&field_caps, DenyCode::kFieldsTooMany};
  if (kind == PlanKind::kFieldsSeen) return {&fields_seen, DenyCode::kFieldsTooMany};
  return {&looked_up, DenyCode::kLookupTooLarge};
}

}  // namespace

// The answer is not the client's: it goes into the next decision.
Task<GateSession::Try> GateSession::hold_answer(Exchange* exchange, const ResponseHead* head) {
  Request& request = *request_;
  const Limits& limits = request.workspace->limits();
  Held held = held_by(request.verdict.plan().kind, request.looked_up, request.rendered,
                      request.field_caps, request.fields_seen);
  // INVARIANT: a round of one kind is never followed by another one.
  if (!held.text->empty()) co_return failed(ExchangeError::kProtocol);
  Try result;
  ResponseEditor editor(request.verdict.plan(), worker_.shared.sealer, limits);
  EditFeed feed(&editor, head->encoding == ResponseEncoding::kGzip,
                16 * limits.max_upstream_error_bytes);
  std::string out;
  std::vector<std::string_view>& pieces = request.bench->body_pieces;
  std::size_t seen = request.rendered.size() + request.field_caps.size();
  editor.begin(head->status);
  for (bool last = false; !last;) {
    ExchangeError error = co_await exchange->read_body(&pieces);
    if (error != ExchangeError::kNone) co_return failed(cut_short(error));
    seen += size_of(pieces);
    request.upstream_bytes_in += size_of(pieces);
    if (!request.held.hold(seen)) {
      result.code = DenyCode::kLimitMemory;
      co_return result;
    }
    last = exchange->ended();
    if (!feed.feed(pieces, out) || (last && !feed.finish(out))) {
      result.code = held.too_large;
      co_return result;
    }
  }
  request.upstream_error = editor.upstream_error();
  if (editor.upstream_problem() != DenyCode::kUndecided) {
    request.enter(Stage::kUpstreamAnswer);
    result.code = editor.upstream_problem();
    co_return result;
  }
  // Without a byte it would look like no answer yet.
  if (out.empty()) co_return failed(ExchangeError::kProtocol);
  *held.text = std::move(out);
  result.kind = Try::Kind::kHeld;
  co_return result;
}

Task<GateSession::Try> GateSession::respond_edited(Exchange* exchange, const ResponseHead* head) {
  Request& request = *request_;
  const Limits& limits = request.workspace->limits();
  ResponseEditor editor(request.verdict.plan(), worker_.shared.sealer, limits);
  // Only errors come compressed here, and little of them is read.
  EditFeed feed(&editor, head->encoding == ResponseEncoding::kGzip,
                16 * limits.max_upstream_error_bytes);
  AnswerWriter writer(&client_, request.bench.get(), head_only());
  const std::uint64_t most = head_only() ? kNoLimit : max_answer_bytes();
  std::string out;
  std::vector<std::string_view>& pieces = request.bench->body_pieces;
  Try result;
  editor.begin(head->status);
  for (bool last = false; !last;) {
    request.enter(Stage::kUpstreamBody);
    ExchangeError error = co_await exchange->read_body(&pieces);
    request.upstream_bytes_in += size_of(pieces);
    last = exchange->ended();
    bool good =
        error == ExchangeError::kNone && feed.feed(pieces, out) && (!last || feed.finish(out));
    if (!good && !writer.begun())
      co_return failed(error == ExchangeError::kNone ? ExchangeError::kProtocol : error);
    if (!good) {
      worker_.shared.metrics.upstream_error(UpstreamError::kTruncated);
      co_return cut(kAnswerCut);
    }
    if (!last && (out.size() < kFlushBytes || !editor.head_ready())) continue;
    if (writer.bytes() + out.size() > most) {
      if (!writer.begun()) co_return too_large();
      request.enter(Stage::kLimit);
      co_return cut(cause_of(DenyCode::kLimitResponse));
    }
    if (!writer.begun() && (!still_holds() || !limits_still_hold())) {
      result.kind = Try::Kind::kMoved;
      co_return result;
    }
    if (!writer.begun()) begin_edited(&writer, editor, last, out.size());
    request.enter(Stage::kWrite);
    const std::string_view whole = out;
    bool written = co_await writer.write({&whole, 1}, last);
    request.bytes_out = writer.bytes();
    out.clear();
    result.kind = Try::Kind::kEnded;
    if (!written) co_return result;
  }
  result.end = End::kAnswered;
  co_return result;
}

void GateSession::begin_edited(AnswerWriter* writer, const ResponseEditor& editor, bool whole,
                               std::size_t size) {
  Request& request = *request_;
  AnswerHead answer = answer_head(editor.status());
  answer.content_type = editor.content_type();
  if (whole) answer.content_length = size;
  if (head_only()) answer.content_length.reset();
  answer.bodiless = head_only();
  writer->begin(answer);
  request.outcome = "forward";
  request.status = editor.status();
  request.upstream_error = editor.upstream_error();
  if (DenyCode problem = editor.upstream_problem(); problem != DenyCode::kUndecided) {
    request.enter(Stage::kUpstreamAnswer);
    request.fail(cause_of(problem));
  }
}

}  // namespace weir::proxy
