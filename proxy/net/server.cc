#include "net/server.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>

#include "front/front.h"
#include "net/admin_session.h"
#include "net/gate_session.h"
#include "net/launch.h"
#include "net/listener.h"
#include "net/worker.h"

namespace weir::proxy {
namespace {

// Connections beyond the limit that are still told so; more are closed without a word.
constexpr std::size_t kRefusedConnections = 64;
constexpr Millis kDrainStep{20};
// Between "answer now" and the end of the connection.
constexpr Millis kHurryTime{1000};
constexpr Millis kAdminDrain{2000};

void unheard(const std::exception_ptr& /*failure*/) {}

// A network thread with its listeners.
struct Node {
  Node(SharedState& state, std::size_t number) : shared(state), worker(state, number) {}

  void open_gate(const ListenAddress& address) {
    gate.emplace_back(listen_on(worker.context, address));
  }
  void open_admin(const ListenAddress& address) {
    admin.emplace_back(listen_on(worker.context, address));
  }
  void open_front(const ListenAddress& address) {
    doors.emplace_back(listen_on(worker.context, address));
    if (!front) front = std::make_unique<Front>(worker);
  }
  void start();
  void take_gate(Socket socket);
  void take_admin(Socket socket);
  void begin_drain();
  Task<void> drain();
  // The front's pages ask the gate, so they end together.
  bool idle() const {
    return shared.gate_connections.load() == 0 && shared.front_connections.load() == 0;
  }

  SharedState& shared;
  Worker worker;
  std::vector<Acceptor> gate;
  std::vector<Acceptor> admin;
  std::vector<Acceptor> doors;   // of the front
  std::unique_ptr<Front> front;  // null: there is none
  bool drain_begun = false;
  bool impatient = false;
};

void Node::start() {
  worker.ticker.start();
  for (Acceptor& acceptor : gate) {
    spawn(worker.context,
          accept_all(&acceptor, [this](Socket socket) { take_gate(std::move(socket)); }), unheard);
  }
  for (Acceptor& acceptor : admin) {
    spawn(worker.context,
          accept_all(&acceptor, [this](Socket socket) { take_admin(std::move(socket)); }), unheard);
  }
  for (Acceptor& acceptor : doors) {
    spawn(worker.context,
          accept_all(&acceptor, [this](Socket socket) { front->take(std::move(socket)); }),
          unheard);
  }
}

void Node::take_gate(Socket socket) {
  std::size_t limit = shared.settings.gate.limits.max_connections;
  std::size_t count = shared.gate_connections.fetch_add(1) + 1;
  if (count > limit + kRefusedConnections) {
    shared.gate_connections.fetch_sub(1);
    return;
  }
  launch(worker, std::make_shared<GateSession>(worker, std::move(socket), count > limit));
}

void Node::take_admin(Socket socket) {
  std::size_t count = shared.admin_connections.fetch_add(1) + 1;
  if (count > shared.settings.admin.limits.max_connections) {
    shared.admin_connections.fetch_sub(1);
    return;
  }
  launch(worker, std::make_shared<AdminSession>(worker, std::move(socket)));
}

void Node::begin_drain() {
  if (std::exchange(drain_begun, true)) {
    impatient = true;
    return;
  }
  spawn(worker.context, drain(), unheard);
}

Task<void> Node::drain() {
  Timer timer(worker.context.get_executor());
  ErrorCode ignored;
  for (Acceptor& acceptor : gate) acceptor.close(ignored);
  for (Acceptor& acceptor : doors) acceptor.close(ignored);
  TimePoint hurry_at = Clock::now() + shared.settings.gate.limits.drain_timeout;
  bool hurried = false;
  // The admin listener stays until the gate is empty: somebody may want to watch.
  while (!idle()) {
    TimePoint now = Clock::now();
    if (impatient) hurry_at = std::min(hurry_at, now);
    for (const auto* sessions : {&worker.gate_sessions, &worker.front_sessions}) {
      for (Session* session : *sessions) {
        session->drain(now);
        if (now >= hurry_at && !hurried) session->hurry();
        if (now >= hurry_at + kHurryTime) session->kill();
      }
    }
    hurried = hurried || now >= hurry_at;
    timer.expires_after(kDrainStep);
    auto step = operation<ErrorCode>([&](auto handler) { timer.async_wait(std::move(handler)); });
    co_await step;
  }
  for (Acceptor& acceptor : admin) acceptor.close(ignored);
  TimePoint kill_at = Clock::now() + (impatient ? Millis(0) : kAdminDrain);
  while (!worker.admin_sessions.empty()) {
    TimePoint now = Clock::now();
    for (Session* session : worker.admin_sessions) {
      session->drain(now);
      if (now >= kill_at) session->kill();
    }
    timer.expires_after(kDrainStep);
    auto step = operation<ErrorCode>([&](auto handler) { timer.async_wait(std::move(handler)); });
    co_await step;
  }
  worker.ticker.stop();
  for (const auto& pool : worker.pools()) pool->close_idle();
  if (front) front->close_idle();
  worker.context.stop();  // a look-up of a name may still be under way; nobody waits for it
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerSettings settings, SharedPolicy& policy, const Sealer* sealer, Log& log,
       Metrics& metrics, ServerHooks hooks)
      : shared(std::move(settings), policy, sealer, log, metrics, std::move(hooks)) {}
  ~Impl() {
    shared.control.join();
    shared.inquiries.stop();  // what has not begun has nobody who waits for it
    shared.inquiries.join();
  }

  void bind();
  void run();
  void stop();
  void reload();
  void watch_signals(asio::signal_set* signals);

  SharedState shared;
  std::vector<std::unique_ptr<Node>> nodes;
  ListenAddress gate_address;
  ListenAddress admin_address;
  ListenAddress front_address;
};

void Server::Impl::bind() {
  std::size_t threads = shared.settings.worker_threads;
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  gate_address = shared.settings.gate.listen;
  admin_address = shared.settings.admin.listen;
  if (gate_address.port != 0) check_address_free(gate_address);
  if (admin_address.port != 0) check_address_free(admin_address);
  const bool has_front = shared.settings.front.listen.has_value();
  if (has_front) front_address = *shared.settings.front.listen;
  if (has_front && front_address.port != 0) check_address_free(front_address);
  for (std::size_t number = 0; number < threads; ++number) {
    nodes.push_back(std::make_unique<Node>(shared, number));
    nodes.back()->open_gate(gate_address);
    gate_address.port = nodes.back()->gate.front().local_endpoint().port();
    if (!has_front) continue;
    nodes.back()->open_front(front_address);
    front_address.port = nodes.back()->doors.front().local_endpoint().port();
  }
  nodes.front()->open_admin(admin_address);
  admin_address.port = nodes.front()->admin.front().local_endpoint().port();
}

void Server::Impl::watch_signals(asio::signal_set* signals) {
  signals->async_wait([this, signals](const ErrorCode& error, int number) {
    if (error) return;
    if (number == SIGHUP) {
      asio::post(shared.control, [this] { reload(); });
    } else {
      shared.log.event(LogLevel::kInfo, "draining",
                       {{"signal", number == SIGTERM ? "term" : "int"}});
      stop();
    }
    watch_signals(signals);
  });
}

void Server::Impl::reload() {
  try {
    std::shared_ptr<TlsContext> gate = make_server_tls(shared.settings.gate.tls);
    std::shared_ptr<TlsContext> admin = make_server_tls(shared.settings.admin.tls);
    std::shared_ptr<TlsContext> front = make_server_tls(shared.settings.front.tls);
    shared.gate_tls.store(std::move(gate));
    shared.admin_tls.store(std::move(admin));
    shared.front_tls.store(std::move(front));
    if (shared.dashboards)
      shared.dashboards->tls.store(make_upstream_tls(shared.dashboards->settings));
    for (const auto& upstream : shared.upstreams)
      upstream->tls.store(make_upstream_tls(upstream->settings));
    if (shared.hooks.reload) shared.hooks.reload();
    shared.log.event(LogLevel::kInfo, "reloaded");
  } catch (const std::exception& error) {
    shared.log.event(LogLevel::kError, "reload_failed", {{"what", error.what()}});
  }
}

void Server::Impl::stop() {
  shared.draining.store(true);
  for (const auto& node : nodes) {
    asio::post(node->worker.context, [&node = *node] { node.begin_drain(); });
  }
}

void Server::Impl::run() {
  asio::io_context signal_context{1};
  asio::signal_set signals(signal_context, SIGTERM, SIGINT, SIGHUP);
  watch_signals(&signals);
  std::vector<std::thread> threads;
  threads.reserve(nodes.size());
  for (const auto& node : nodes) {
    node->start();
    threads.emplace_back([&context = node->worker.context] { context.run(); });
  }
  std::thread signal_thread([&signal_context] { signal_context.run(); });
  const auto text = [](const ListenAddress& at) { return at.host + ":" + std::to_string(at.port); };
  shared.log.event(
      LogLevel::kInfo, "serving",
      {{"gate", text(gate_address)},
       {"admin", text(admin_address)},
       {"front", shared.settings.front.listen ? text(front_address) : std::string("off")}});
  for (std::thread& thread : threads) thread.join();
  signal_context.stop();
  signal_thread.join();
  shared.log.event(LogLevel::kInfo, "stopped");
}

Server::Server(ServerSettings settings, SharedPolicy& policy, const Sealer* sealer, Log& log,
               Metrics& metrics, ServerHooks hooks)
    : impl_(std::make_unique<Impl>(std::move(settings), policy, sealer, log, metrics,
                                   std::move(hooks))) {}

Server::~Server() = default;

void Server::bind() { impl_->bind(); }
std::uint16_t Server::gate_port() const { return impl_->gate_address.port; }
std::uint16_t Server::admin_port() const { return impl_->admin_address.port; }
std::uint16_t Server::front_port() const { return impl_->front_address.port; }
void Server::set_embedders(std::map<std::string, std::string> sources) {
  impl_->shared.embedders.store(std::move(sources));
}
void Server::run() { impl_->run(); }
void Server::stop() { impl_->stop(); }
void Server::post_control(std::function<void()> job) {
  asio::post(impl_->shared.control, std::move(job));
}

}  // namespace weir::proxy
