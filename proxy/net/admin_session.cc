#include "net/admin_session.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "console/assets.h"
#include "http/small_error.h"
#include "http/text.h"
#include "net/exchange.h"

namespace weir::proxy {
namespace {

// The store may be slow; a client that waits longer than this has given up.
constexpr Millis kControlTimeout{60000};
// An upstream that answered this recently need not be asked.
constexpr Millis kFreshAnswer{5000};
constexpr Millis kProbeTimeout{2000};

SmallResponse refusal(DenyCode code, std::string_view request_id) {
  const DenyInfo& info = deny_info(code);
  SmallResponse response = error_answer(info.status, info.code, info.reason, request_id);
  if (code == DenyCode::kMethodUnknown) {
    response.headers.emplace_back("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  }
  return response;
}

SmallResponse plain(int status, std::string_view text) {
  SmallResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = text;
  return response;
}

SmallResponse too_many_calls(std::string_view request_id) {
  SmallResponse response = error_answer(
      429, "auth/TOO_MANY_CALLS",
      "the account has too many calls under way; try again when some are answered", request_id);
  response.headers.emplace_back("retry-after", "1");
  return response;
}

void append_line(std::string_view name, std::string_view value, std::string& out) {
  // A header that could split the answer is a defect of ours: it is left out.
  if (std::any_of(value.begin(), value.end(), is_control) || name.empty()) return;
  if (!std::all_of(name.begin(), name.end(), is_token_char)) return;
  out.append(name).append(": ").append(value).append("\r\n");
}

bool names(const SmallResponse& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [&](const auto& header) { return same_text(header.first, name); });
}

}  // namespace

// A request in the hands of other threads. Shared, because the client may go away first.
struct AdminSession::Call {
  explicit Call(Executor executor) : done(executor) {}

  void run(const std::function<SmallResponse()>& answer, Worker& worker) {
    try {
      response = answer();
    } catch (const std::exception& error) {
      worker.shared.log.event(LogLevel::kError, "admin_failed", {{"what", error.what()}});
      response = plain(500, "internal error\n");
    }
  }
  static void hand_back(const std::shared_ptr<Call>& call, Worker& worker) {
    asio::post(worker.context, [call] { call->done.notify(); });
  }

  Event done;
  SmallRequest request;
  SmallResponse response;
  std::shared_ptr<void> place;  // among the calls of its account
};

AdminSession::AdminSession(Worker& worker, Socket socket)
    : Session(worker.admin_sessions),
      worker_(worker),
      client_(worker, std::move(socket), worker.shared.settings.admin.limits) {
  worker_.shared.metrics.connections("admin", 1);
}

AdminSession::~AdminSession() {
  worker_.shared.metrics.connections("admin", -1);
  worker_.shared.admin_connections.fetch_sub(1);
}

void AdminSession::drain(TimePoint) {
  if (client_.idle()) client_.stream().abort();
}

void AdminSession::hurry() {
  hurried_ = true;
  control_.cancel();
  drain(Clock::now());
}

void AdminSession::kill() {
  hurry();
  client_.stream().abort();
}

Task<void> AdminSession::run(std::shared_ptr<AdminSession> self) {
  std::shared_ptr<TlsContext> tls = self->worker_.shared.admin_tls.load();
  bool open = true;
  if (tls) {
    ClientConnection::Result shaken = co_await self->client_.handshake(tls);
    open = shaken.outcome == ClientConnection::Outcome::kDone;
    if (!open) self->client_.stream().abort();
  }
  while (open) open = co_await self->serve_one();
  co_await self->client_.finish();
}

Task<bool> AdminSession::serve_one() {
  using Outcome = ClientConnection::Outcome;
  control_ = WaitControl{};
  control_.cancelled = hurried_;
  route_ = "-";
  head_ = RequestHead();
  const Worker::RequestId id = worker_.next_request_id();
  request_id_.assign(id.data(), id.size());
  ClientConnection::Result arrival = co_await client_.wait_head();
  if (arrival.outcome == Outcome::kDone) arrival = client_.take_head(&head_);
  if (arrival.outcome == Outcome::kClosed) co_return false;
  has_head_ = arrival.outcome == Outcome::kDone;
  if (has_head_) arrival = co_await client_.read_body(head_);
  if (arrival.outcome == Outcome::kClosed) co_return false;

  SmallResponse response;
  if (arrival.outcome == Outcome::kDone) {
    response = co_await respond();
  } else {
    response = refusal(arrival.deny, request_id_);
  }
  bool written = co_await send(std::move(response));
  bool again = written && has_head_ && head_.keep_alive && client_.request_consumed() && !hurried_;
  if (!written) client_.stream().abort();
  if (again) client_.end_request();
  co_return again;
}

Task<SmallResponse> AdminSession::respond() {
  std::string_view path = head_.target.substr(0, head_.target.find('?'));
  bool reads = head_.method == Method::kGet || head_.method == Method::kHead;
  SmallResponse response;
  if (path == "/metrics" || path == "/healthz" || path == "/readyz") {
    route_ = path == "/metrics" ? "metrics" : path == "/healthz" ? "healthz" : "readyz";
    if (!reads) co_return refusal(DenyCode::kRouteMethod, request_id_);
    if (path == "/healthz") co_return plain(200, "ok\n");
    if (path == "/readyz") {
      response = co_await report_readiness();
      co_return response;
    }
    worker_.shared.metrics.log_lost(worker_.shared.log.lost());
    response = plain(200, worker_.shared.metrics.render());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    co_return response;
  }
  if (is_console_page(path)) {
    route_ = "console";
    if (!reads) co_return refusal(DenyCode::kRouteMethod, request_id_);
    co_return console_page(path, head_.accepts_gzip);
  }
  route_ = "control";
  response = co_await call_control();
  co_return response;
}

Task<SmallResponse> AdminSession::call_control() {
  if (!worker_.shared.hooks.admin) co_return plain(404, "not found\n");
  auto call = std::make_shared<Call>(worker_.context.get_executor());
  call->request.method = method_name(head_.method);
  call->request.target = head_.target;
  for (const auto& [name, value] : head_.headers) call->request.headers.emplace_back(name, value);
  call->request.body = client_.body();
  call->request.remote = client_.remote();
  call->request.request_id = request_id_;
  if (worker_.shared.hooks.enter) {
    call->place = worker_.shared.hooks.enter(call->request.header("x-api-token"));
    if (!call->place) co_return too_many_calls(request_id_);
  }
  asio::post(worker_.shared.control, [call, &worker = worker_] {
    call->run([&] { return worker.shared.hooks.admin(call->request); }, worker);
    if (!call->response.later) {
      call->hand_back(call, worker);
      return;
    }
    asio::post(worker.shared.inquiries, [call, &worker] {
      call->run(std::exchange(call->response.later, nullptr), worker);
      call->hand_back(call, worker);
    });
  });
  control_.event = &call->done;
  bool done = co_await call->done.wait(Clock::now() + kControlTimeout);
  control_.event = nullptr;
  if (!done || control_.cancelled) co_return plain(503, "the control plane is busy; try again\n");
  co_return std::move(call->response);
}

Task<SmallResponse> AdminSession::report_readiness() {
  if (worker_.shared.draining.load()) co_return plain(503, "draining\n");
  const SmallResponse none = plain(503, "no policy is in force: the token store is not reached\n");
  if (!worker_.policy.current()) co_return none;
  for (const auto& pool : worker_.pools()) {
    bool answers = co_await probe(pool.get());
    if (answers) continue;
    // The default upstream has no name of its own.
    const std::string& name = pool->upstream().settings.name;
    std::string which = name.empty() ? "the upstream" : "the upstream of account `" + name + "`";
    co_return plain(503, which + " does not answer\n");
  }
  const std::shared_ptr<const PolicySnapshot> policy = worker_.policy.current();
  if (!policy) co_return none;
  std::string_view waiting = policy->awaits_catalog();
  if (!waiting.empty()) {
    co_return plain(503,
                    "the mappings of account `" + std::string(waiting) + "` are not known yet\n");
  }
  co_return plain(200, "ready\n");
}

// Asks only when no request has shown it lately, so that nothing is sent upstream unless somebody
// wants to know.
Task<bool> AdminSession::probe(UpstreamPool* pool) {
  Upstream& upstream = pool->upstream();
  Clock::rep last = upstream.last_answer.load();
  if (last != 0 &&
      Clock::now().time_since_epoch().count() - last < Clock::duration(kFreshAnswer).count())
    co_return true;

  Acquired acquired = co_await pool->acquire(false, &control_);
  if (!acquired.lease) co_return false;
  UpstreamSettings settings = upstream.settings;
  settings.head_timeout = std::min(settings.head_timeout, kProbeTimeout);
  std::string text;
  UpstreamRequestHead request;
  request.method = Method::kHead;
  request.path_prefix = settings.path_prefix;
  request.target = "/";
  request.fixed_headers = upstream.fixed_headers;
  append_upstream_head(request, text);

  Exchange exchange(&acquired.lease.connection(), &settings);
  std::vector<std::string_view> pieces = {text};
  ResponseHead head;
  control_.stream = &acquired.lease.connection().stream;
  ExchangeError error = co_await exchange.send(pieces);
  if (error == ExchangeError::kNone) error = co_await exchange.read_head(true, &head);
  control_.stream = nullptr;
  if (error != ExchangeError::kNone) co_return false;
  exchange.finish();
  if (exchange.reusable()) acquired.lease.keep();
  bool healthy = head.status < 500 && head.status != 401 && head.status != 403;
  if (healthy) upstream.last_answer.store(Clock::now().time_since_epoch().count());
  co_return healthy;
}

Task<bool> AdminSession::send(SmallResponse response) {
  bool keep = has_head_ && head_.keep_alive && client_.request_consumed() && !hurried_;
  bool head_only = has_head_ && head_.method == Method::kHead;
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(status_reason(response.status)).append("\r\n");
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) {
    if (!response.content_type.empty()) append_line("content-type", response.content_type, head);
    append_line("content-length", std::to_string(response.body.size()), head);
  }
  if (!names(response, "cache-control")) append_line("cache-control", "no-store", head);
  append_line("x-weir-request-id", request_id_, head);
  for (const auto& [name, value] : response.headers) append_line(name, value, head);
  if (!keep) append_line("connection", "close", head);
  head += "\r\n";
  std::vector<std::string_view> pieces = {head};
  if (!head_only && !bodiless) pieces.emplace_back(response.body);
  bool written = co_await client_.write(pieces);

  auto duration =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - client_.started());
  RequestRecord record;
  record.request_id = request_id_;
  record.listener = "admin";
  record.method = has_head_ ? method_name(head_.method) : "-";
  record.route = route_;
  record.outcome = response.status < 400 ? "reply" : "error";
  record.cause.code = response.error_code;
  record.status = response.status;
  record.bytes_in = client_.body().size();
  record.bytes_out = head_only ? 0 : response.body.size();
  record.duration = duration;
  record.remote = client_.remote();
  worker_.shared.log.request(record);
  worker_.shared.metrics.request("admin", route_, record.outcome, "", duration, record.bytes_in,
                                 record.bytes_out);
  co_return written;
}

}  // namespace weir::proxy
