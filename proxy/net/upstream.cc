#include "net/upstream.h"

#include <algorithm>
#include <boost/asio/ip/basic_resolver.hpp>
#include <stdexcept>

#include "http/text.h"

namespace weir::proxy {
namespace {

std::string base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    std::size_t size = std::min<std::size_t>(3, text.size() - at);
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = (bits << 8U) | (i < size ? static_cast<unsigned char>(text[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i)
      out += i <= size ? kDigits[(bits >> (18 - 6 * i)) & 63U] : '=';
  }
  return out;
}

void append_header(std::string_view name, std::string_view value, std::string& out) {
  bool good_name = !name.empty() && std::all_of(name.begin(), name.end(), is_token_char);
  if (!good_name)
    throw std::runtime_error("`" + std::string(name) +
                             "` is not a header name; use letters and dashes");
  if (std::any_of(value.begin(), value.end(), is_control)) {
    throw std::runtime_error("the value of the upstream header `" + std::string(name) +
                             "` has control characters; remove them");
  }
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string make_fixed_headers(const UpstreamSettings& settings) {
  std::string out;
  bool ipv6 = settings.host.find(':') != std::string::npos;
  std::string host = ipv6 ? "[" + settings.host + "]" : settings.host;
  append_header("host", host + ":" + std::to_string(settings.port), out);
  switch (settings.credential) {
    case UpstreamCredential::kNone:
      break;
    case UpstreamCredential::kBasic:
      append_header("authorization",
                    "Basic " + base64(settings.basic_user + ":" + settings.basic_password), out);
      break;
    case UpstreamCredential::kHeaders:
      for (const auto& [name, value] : settings.headers) append_header(name, value, out);
      break;
  }
  return out;
}

std::vector<std::string> secrets_of(const UpstreamSettings& settings) {
  if (settings.credential == UpstreamCredential::kBasic) {
    return {settings.basic_password, base64(settings.basic_user + ":" + settings.basic_password)};
  }
  std::vector<std::string> secrets;
  for (const auto& [name, value] : settings.headers) {
    secrets.push_back(value);
    // Quoted without its scheme.
    secrets.push_back(value.substr(value.find(' ') + 1));
  }
  return secrets;
}

}  // namespace

Upstream::Upstream(UpstreamSettings given)
    : settings(std::move(given)),
      fixed_headers(make_fixed_headers(settings)),
      secrets(secrets_of(settings)) {
  const std::string& prefix = settings.path_prefix;
  bool good = prefix.empty() || (prefix.front() == '/' && prefix.back() != '/' &&
                                 std::all_of(prefix.begin(), prefix.end(), is_visible));
  if (!good)
    throw std::runtime_error("the upstream path `" + prefix +
                             "` must begin with `/` and not end with one");
  tls.store(make_upstream_tls(settings));
}

UpstreamLease& UpstreamLease::operator=(UpstreamLease&& other) noexcept {
  if (this != &other) {
    give_back();
    pool_ = other.pool_;
    connection_ = std::move(other.connection_);
    reused_ = other.reused_;
    keep_ = other.keep_;
  }
  return *this;
}

void UpstreamLease::give_back() {
  if (connection_) pool_->release(std::move(connection_), keep_);
}

UpstreamPool::UpstreamPool(asio::io_context& context, Ticker& ticker, Upstream& upstream,
                           Metrics& metrics)
    : Member(ticker), context_(context), ticker_(ticker), upstream_(upstream), metrics_(metrics) {}

UpstreamPool::~UpstreamPool() { close_idle(); }

void UpstreamPool::close_idle() {
  metrics_.upstream_connections(-static_cast<int>(idle_.size()), 0);
  open_ -= idle_.size();
  idle_.clear();
}

// Only looks at the oldest: they stand in the order of their last use.
void UpstreamPool::tick(TimePoint now) {
  std::size_t old = 0;
  while (old < idle_.size() && idle_[old]->idle_since + upstream_.settings.idle_timeout <= now)
    ++old;
  if (old == 0) return;
  // Their streams are members of the ticker's round, which must not change under it.
  auto gone = std::make_shared<std::vector<std::unique_ptr<UpstreamConnection>>>();
  gone->assign(std::make_move_iterator(idle_.begin()),
               std::make_move_iterator(idle_.begin() + static_cast<long>(old)));
  idle_.erase(idle_.begin(), idle_.begin() + static_cast<long>(old));
  open_ -= old;
  metrics_.upstream_connections(-static_cast<int>(old), 0);
  asio::post(context_, [gone] { gone->clear(); });
}

std::unique_ptr<UpstreamConnection> UpstreamPool::take_idle() {
  while (!idle_.empty()) {
    std::unique_ptr<UpstreamConnection> connection = std::move(idle_.back());
    idle_.pop_back();
    if (!connection->stream.readable()) return connection;
    --open_;
    metrics_.upstream_connections(-1, 0);
  }
  return nullptr;
}

UpstreamLease UpstreamPool::lend(std::unique_ptr<UpstreamConnection> connection, bool reused) {
  metrics_.upstream_connections(0, 1);
  return {this, std::move(connection), reused};
}

void UpstreamPool::release(std::unique_ptr<UpstreamConnection> connection, bool keep) {
  metrics_.upstream_connections(0, -1);
  // An aborted stream stays so: its client left between the end of the answer and this.
  if (!keep || !connection->input.empty() || connection->stream.aborted()) {
    metrics_.upstream_connections(-1, 0);
    connection.reset();
    slot_free();
    return;
  }
  if (!waiters_.empty()) {
    Waiter* waiter = waiters_.front();
    waiters_.pop_front();
    waiter->connection = std::move(connection);
    waiter->event.notify();
    return;
  }
  connection->idle_since = Clock::now();
  idle_.push_back(std::move(connection));
}

// A place in `open_` is passed on to whoever waits first, or given up.
void UpstreamPool::slot_free() {
  if (waiters_.empty()) {
    --open_;
    return;
  }
  Waiter* waiter = waiters_.front();
  waiters_.pop_front();
  waiter->may_connect = true;
  waiter->event.notify();
}

Task<Acquired> UpstreamPool::acquire(bool fresh, WaitControl* control) {
  Acquired result;
  if (fresh && !idle_.empty() && open_ == upstream_.settings.max_connections) {
    idle_.erase(idle_.begin());
    --open_;
    metrics_.upstream_connections(-1, 0);
  }
  std::unique_ptr<UpstreamConnection> kept;
  if (!fresh) kept = take_idle();
  if (kept) {
    result.lease = lend(std::move(kept), true);
    co_return result;
  }
  if (open_ < upstream_.settings.max_connections) {
    ++open_;
    result = co_await connect(control);
    co_return result;
  }
  if (waiters_.size() >= upstream_.settings.max_waiters) {
    metrics_.upstream_error(UpstreamError::kPoolFull);
    result.full = true;
    co_return result;
  }

  Waiter waiter(context_.get_executor());
  waiters_.push_back(&waiter);
  metrics_.upstream_waiters(1);
  control->event = &waiter.event;
  co_await waiter.event.wait(Clock::now() + upstream_.settings.pool_wait_timeout);
  control->event = nullptr;
  metrics_.upstream_waiters(-1);
  if (waiter.connection) {
    result.lease = lend(std::move(waiter.connection), true);
    co_return result;
  }
  if (waiter.may_connect) {
    result = co_await connect(control);
    co_return result;
  }
  std::erase(waiters_, &waiter);
  result.full = true;
  if (!control->cancelled) metrics_.upstream_error(UpstreamError::kPoolFull);
  co_return result;
}

Task<std::vector<Tcp::endpoint>> UpstreamPool::resolve(TimePoint deadline) {
  const UpstreamSettings& settings = upstream_.settings;
  std::vector<Tcp::endpoint> endpoints;
  ErrorCode error;
  asio::ip::address literal = asio::ip::make_address(settings.host, error);
  if (!error) {
    endpoints.emplace_back(literal, settings.port);
    co_return endpoints;
  }
  // A look-up cannot be interrupted; when it takes too long it is left to itself, with everything
  // it touches.
  struct Lookup {
    explicit Lookup(Executor executor) : resolver(executor), done(executor) {}
    asio::ip::basic_resolver<Tcp, Executor> resolver;
    Event done;
    std::vector<Tcp::endpoint> found;
  };
  auto lookup = std::make_shared<Lookup>(context_.get_executor());
  lookup->resolver.async_resolve(
      settings.host, std::to_string(settings.port),
      [lookup](const ErrorCode& failed, const Tcp::resolver::results_type& results) {
        if (!failed) {
          for (const auto& entry : results) lookup->found.push_back(entry.endpoint());
        }
        lookup->done.notify();
      });
  bool done = co_await lookup->done.wait(deadline);
  if (done) endpoints = lookup->found;
  co_return endpoints;
}

Task<bool> UpstreamPool::establish(UpstreamConnection* connection, Tcp::endpoint endpoint,
                                   TimePoint deadline) {
  IoResult result = co_await connection->stream.connect(endpoint, deadline);
  if (!result.ok()) co_return false;
  std::shared_ptr<TlsContext> tls = upstream_.tls.load();
  if (!tls) co_return true;
  const UpstreamSettings& settings = upstream_.settings;
  ErrorCode not_literal;
  asio::ip::make_address(settings.host, not_literal);
  std::string server_name = not_literal ? settings.host : std::string();  // SNI takes names only
  std::string verified = settings.verify ? settings.host : std::string();
  result = co_await connection->stream.connect_tls(tls, server_name, verified, deadline);
  co_return result.ok();
}

// REQUIRES: a place in `open_` has been taken.
Task<Acquired> UpstreamPool::connect(WaitControl* control) {
  Acquired result;
  result.connecting = Clock::now();
  TimePoint deadline = *result.connecting + upstream_.settings.connect_timeout;
  std::vector<Tcp::endpoint> endpoints = co_await resolve(deadline);
  for (const Tcp::endpoint& endpoint : endpoints) {
    if (control->cancelled || Clock::now() >= deadline) break;
    auto connection =
        std::make_unique<UpstreamConnection>(ticker_, Socket(context_.get_executor()));
    control->stream = &connection->stream;
    bool connected = co_await establish(connection.get(), endpoint, deadline);
    control->stream = nullptr;
    if (connected) {
      metrics_.upstream_connections(1, 0);
      result.lease = lend(std::move(connection), false);
      co_return result;
    }
  }
  slot_free();
  if (!control->cancelled) metrics_.upstream_error(UpstreamError::kUnreachable);
  co_return result;
}

}  // namespace weir::proxy
