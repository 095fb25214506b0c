#include "front/front_session.h"

#include <algorithm>

#include "http/head_writer.h"
#include "http/text.h"

namespace weir::proxy {
namespace {

// Of pages that say something went wrong: anybody may show them in a frame, for they hold nothing.
constexpr std::string_view kNoticePolicy =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'";
constexpr std::string_view kOwnFolder = "/.weir/";

bool reads(Method method) { return method == Method::kGet || method == Method::kHead; }

Notice notice_of(DenyCode code) {
  return code == DenyCode::kBodyTooLarge || code == DenyCode::kHttpHeadTooLarge ? Notice::kTooLarge
         : code == DenyCode::kLimitMemory ? Notice::kUnavailable
                                          : Notice::kBadRequest;
}

}  // namespace

FrontSession::FrontSession(Front& front, Socket socket)
    : Session(front.worker().front_sessions),
      front_(front),
      worker_(front.worker()),
      client_(front.worker(), std::move(socket), front.settings().limits) {
  worker_.shared.metrics.connections("front", 1);
}

FrontSession::~FrontSession() {
  worker_.shared.metrics.connections("front", -1);
  worker_.shared.front_connections.fetch_sub(1);
}

void FrontSession::drain(TimePoint) {
  if (client_.idle()) client_.stream().abort();
}

void FrontSession::hurry() {
  hurried_ = true;
  control_.cancel();
  drain(Clock::now());
}

void FrontSession::kill() {
  hurry();
  client_.stream().abort();
}

Task<void> FrontSession::run(std::shared_ptr<FrontSession> self) {
  std::shared_ptr<TlsContext> tls = self->worker_.shared.front_tls.load();
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
Task<bool> FrontSession::serve_one() {
  using Outcome = ClientConnection::Outcome;
  control_ = WaitControl{};
  control_.cancelled = hurried_;
  head_ = RequestHead();
  target_ = FrontTarget();
  cookie_ = FrontCookies::Read();
  visitor_ = Visitor();
  route_ = "-";
  code_ = {};
  status_ = upstream_status_ = 0;
  bytes_out_ = 0;
  const Worker::RequestId id = worker_.next_request_id();
  request_id_.assign(id.data(), id.size());
  ClientConnection::Result arrival = co_await client_.wait_head();
  if (arrival.outcome == Outcome::kDone) arrival = client_.take_head(&head_);
  if (arrival.outcome == Outcome::kClosed) co_return false;
  has_head_ = arrival.outcome == Outcome::kDone;
  bool whole = false;
  if (has_head_) {
    whole = co_await serve_request();
  } else {
    whole = co_await notify(notice_of(arrival.deny));
  }
  client_.stream().watch_peer(nullptr);
  record();
  const bool again = whole && keep_alive();
  if (!whole) client_.stream().abort();
  if (again) client_.end_request();
  co_return again;
}

// Who asks is looked at before the body is read: nobody else fills our memory.
Task<bool> FrontSession::serve_request() {
  bool whole = false;
  if (!front_.answers_to(header_of(head_, "host"))) {
    whole = co_await notify(Notice::kElsewhere);
    co_return whole;
  }
  std::optional<FrontTarget> target = parse_front_target(head_.target);
  if (!target || !same_origin()) {
    whole = co_await notify(Notice::kBadRequest);
    co_return whole;
  }
  target_ = std::move(*target);
  cookie_ = front_.cookies().read(head_);
  const std::string_view secret =
      (target_.has_secret ? target_.secret : cookie_.secret).unsafe_reveal();
  visitor_ = check_visitor(worker_, secret, client_.remote());
  const bool asset = !target_.has_secret && target_.path.starts_with(kOwnFolder) &&
                     reads(head_.method) &&
                     target_.path.find('.', kOwnFolder.size()) != std::string::npos;
  if (visitor_.state != Visitor::State::kWelcome && !asset) {
    whole = co_await greet_nobody(visitor_.state);
    co_return whole;
  }
  ClientConnection::Result body = co_await client_.read_body(head_);
  if (body.outcome == ClientConnection::Outcome::kClosed) co_return false;
  if (body.outcome == ClientConnection::Outcome::kDenied) {
    whole = co_await notify(notice_of(body.deny));
    co_return whole;
  }
  whole = co_await respond();
  co_return whole;
}

Task<bool> FrontSession::respond() {
  bool whole = false;
  if (target_.has_secret) {
    whole = co_await open_link();
  } else if (target_.path.starts_with(kOwnFolder)) {
    whole = co_await serve_own();
  } else if (front_.dashboards() == nullptr) {
    whole = co_await serve_viewer();
  } else {
    whole = co_await ask_dashboards();
  }
  co_return whole;
}

// The link's secret goes into the cookie and out of the address. The newest link wins: one browser
// has one cookie for all of the front, and pages of another link are told by the marker.
Task<bool> FrontSession::open_link() {
  route_ = "link";
  bool whole = false;
  if (!reads(head_.method)) {
    whole = co_await notify(Notice::kBadRequest);
    co_return whole;
  }
  const std::string_view secret = target_.secret.unsafe_reveal();
  const bool replaces =
      !cookie_.secret.empty() && !cookie_.secret.equals(secret) &&
      check_visitor(worker_, cookie_.secret.unsafe_reveal(), client_.remote()).state ==
          Visitor::State::kWelcome;
  Answer answer;
  answer.status = 302;
  answer.headers.emplace_back("location", target_.clean());
  answer.headers.emplace_back("set-cookie", front_.cookies().keep(secret));
  if (replaces) answer.headers.emplace_back("set-cookie", front_.cookies().mark_replaced());
  whole = co_await send(std::move(answer));
  co_return whole;
}

Task<bool> FrontSession::greet_nobody(Visitor::State state) {
  route_ = target_.has_secret ? "link" : "visit";
  bool whole = false;
  if (state == Visitor::State::kUnknown) {
    whole = co_await notify(Notice::kUnavailable);
  } else if (state == Visitor::State::kElsewhere) {
    whole = co_await notify(Notice::kElsewhere);
  } else {
    // A link that opens nothing must not leave the page of another one behind it.
    whole = co_await notify(Notice::kNoLink, cookie_.present || target_.has_secret);
  }
  co_return whole;
}

Task<bool> FrontSession::notify(Notice notice, bool drop_cookie) {
  code_ = notice_code(notice);
  const bool page = has_head_ && is_navigation(head_);
  const std::string body = page ? notice_page(notice) : notice_json(notice);
  Answer answer;
  answer.status = notice_status(notice);
  answer.content_type = page ? "text/html; charset=utf-8" : "application/json; charset=utf-8";
  answer.body = body;
  answer.policy = kNoticePolicy;
  if (drop_cookie) answer.headers.emplace_back("set-cookie", front_.cookies().drop());
  if (notice == Notice::kUnavailable) answer.headers.emplace_back("retry-after", "1");
  const bool whole = co_await send(std::move(answer));
  co_return whole;
}

bool FrontSession::keep_alive() const {
  return has_head_ && head_.keep_alive && !head_.upgrade && client_.request_consumed() &&
         !hurried_ && !worker_.shared.draining.load();
}

// A page of another site may lead here, but neither send data nor open a WebSocket with our cookie.
bool FrontSession::same_origin() const {
  if (reads(head_.method) && !head_.upgrade) return true;
  for (const auto& [name, value] : head_.headers) {
    if (name != "origin") continue;
    const std::size_t begin = value.find("://");
    if (begin == std::string_view::npos ||
        !same_text(value.substr(begin + 3), header_of(head_, "host"))) {
      return false;
    }
  }
  return true;
}

std::string FrontSession::page_policy() const {
  return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src "
         "'self' data:; "
         "base-uri 'none'; form-action 'none'; frame-ancestors " +
         worker_.shared.embedders.of(visitor_.account);
}

Task<bool> FrontSession::send(Answer answer) {
  const bool head_only = has_head_ && head_.method == Method::kHead;
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  text.append(status_reason(answer.status)).append("\r\n");
  const auto append = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  if (!answer.content_type.empty()) append("content-type", answer.content_type);
  append("content-length", std::to_string(answer.body.size()));
  append("cache-control", "no-store");
  append("referrer-policy", "no-referrer");
  append("x-content-type-options", "nosniff");
  if (!answer.policy.empty()) append("content-security-policy", answer.policy);
  append("x-weir-request-id", request_id_);
  for (const auto& [name, value] : answer.headers) append(name, value);
  if (!keep_alive()) append("connection", "close");
  text += "\r\n";
  status_ = answer.status;
  bytes_out_ = head_only ? 0 : answer.body.size();
  std::vector<std::string_view> pieces = {text};
  if (!head_only) pieces.push_back(answer.body);
  const bool written = co_await client_.write(pieces);
  co_return written;
}

void FrontSession::record() {
  RequestRecord record;
  record.request_id = request_id_;
  record.listener = "front";
  record.method = has_head_ ? method_name(head_.method) : "-";
  record.route = route_;
  record.token_id = visitor_.token_id;
  record.account = visitor_.account;
  record.outcome = status_ == 0            ? "aborted"
                   : !code_.empty()        ? "deny"
                   : upstream_status_ != 0 ? "forward"
                                           : "reply";
  record.cause.code = code_;
  record.status = status_;
  record.upstream_status = upstream_status_;
  record.bytes_in = client_.body().size();
  record.bytes_out = bytes_out_;
  record.duration =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - client_.started());
  record.remote = client_.remote();
  worker_.shared.log.request(record);
  worker_.shared.metrics.request("front", route_, record.outcome, code_, record.duration,
                                 record.bytes_in, record.bytes_out);
}

}  // namespace weir::proxy
