#include "net/worker.h"

#include <openssl/rand.h>

#include <ctime>
#include <stdexcept>

namespace weir::proxy {
namespace {

constexpr std::size_t kKeptBenches = 32;
constexpr std::size_t kKeptPieces = 1024;

std::uint64_t random_state() {
  std::uint64_t value = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) != 1) {
    throw std::runtime_error("the system gives no random numbers");
  }
  return value;
}

}  // namespace

std::int64_t now_seconds() { return static_cast<std::int64_t>(std::time(nullptr)); }

SharedState::SharedState(ServerSettings given, SharedPolicy& shared_policy,
                         const Sealer* cursor_sealer, Log& the_log, Metrics& the_metrics,
                         ServerHooks the_hooks)
    : settings(std::move(given)),
      policy(shared_policy),
      sealer(cursor_sealer),
      log(the_log),
      metrics(the_metrics),
      hooks(std::move(the_hooks)),
      limiter(settings.gate.limits.max_requests_per_token),
      fields(settings.fields_refresh) {
  if (settings.upstreams.empty()) throw std::runtime_error("no upstream is configured; name one");
  for (const UpstreamSettings& upstream : settings.upstreams) {
    upstreams.push_back(std::make_unique<Upstream>(upstream));
  }
  gate_tls.store(make_server_tls(settings.gate.tls));
  admin_tls.store(make_server_tls(settings.admin.tls));
  front_tls.store(make_server_tls(settings.front.tls));
  if (settings.front.dashboards)
    dashboards = std::make_unique<Upstream>(*settings.front.dashboards);
}

bool BufferBudget::hold(std::size_t bytes) {
  if (bytes <= held_) return true;
  std::size_t more = bytes - held_;
  if (state_.buffered_bytes.fetch_add(more) + more > state_.settings.max_buffered_bytes) {
    state_.buffered_bytes.fetch_sub(more);
    return false;
  }
  held_ = bytes;
  return true;
}

void BufferBudget::clear() noexcept {
  if (held_ == 0) return;
  state_.buffered_bytes.fetch_sub(held_);
  held_ = 0;
}

Session::Session(std::set<Session*>& home) : home_(home) { home_.insert(this); }
Session::~Session() { home_.erase(this); }

Worker::Worker(SharedState& state, std::size_t number)
    : shared(state), policy(state.policy), id_state_(random_state() + number) {
  benches_.reserve(kKeptBenches);
  for (const auto& upstream : shared.upstreams) {
    pools_.push_back(std::make_unique<UpstreamPool>(context, ticker, *upstream, shared.metrics));
  }
}

Worker::~Worker() = default;

UpstreamPool& Worker::pool(std::string_view account) {
  for (const auto& pool : pools_) {
    if (pool->upstream().settings.name == account) return *pool;
  }
  return *pools_.front();
}

void Workbench::clear() {
  head.assign({});
  for (auto* pieces : {&upstream_pieces, &body_pieces, &answer_pieces}) {
    pieces->clear();
    if (pieces->capacity() > kKeptPieces) pieces->shrink_to_fit();
  }
}

std::unique_ptr<Workbench> Worker::take_workbench() {
  if (benches_.empty()) return std::make_unique<Workbench>(shared.settings.engine_limits);
  std::unique_ptr<Workbench> bench = std::move(benches_.back());
  benches_.pop_back();
  return bench;
}

void Worker::return_workbench(std::unique_ptr<Workbench> bench) noexcept {
  if (benches_.size() == kKeptBenches) return;
  bench->clear();
  benches_.push_back(std::move(bench));
}

// splitmix64 over a random start.
Worker::RequestId Worker::next_request_id() {
  id_state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = id_state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  z ^= z >> 31U;
  RequestId id{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = "0123456789abcdef"[(z >> (4 * i)) & 15U];
  return id;
}

}  // namespace weir::proxy
