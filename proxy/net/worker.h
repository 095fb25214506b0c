// What the sessions of one network thread share, and what all threads share. Internal to net/.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "http/head_guard.h"
#include "http/response_head.h"
#include "net/embedders.h"
#include "net/fields_cache.h"
#include "net/io.h"
#include "net/server.h"
#include "net/ticker.h"
#include "net/tls.h"
#include "net/token_limiter.h"
#include "net/token_rates.h"
#include "net/upstream.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "weir/engine.h"

namespace weir::proxy {

/// Of the whole process. Everything in it may be used by any thread.
struct SharedState {
  SharedState(ServerSettings given, SharedPolicy& shared_policy, const Sealer* cursor_sealer,
              Log& the_log, Metrics& the_metrics, ServerHooks the_hooks);

  const ServerSettings settings;
  SharedPolicy& policy;
  const Sealer* const sealer;
  Log& log;
  Metrics& metrics;
  const ServerHooks hooks;

  std::vector<std::unique_ptr<Upstream>> upstreams;
  TlsHolder gate_tls;
  TlsHolder admin_tls;
  TlsHolder front_tls;
  std::unique_ptr<Upstream> dashboards;  // null: the front has a viewer of its own
  Embedders embedders;
  Metrics dashboards_metrics;  // connections to search clusters are counted, those to Dashboards
                               // are not
  TokenLimiter limiter;
  TokenRates rates;
  FieldsCache fields;
  std::atomic<std::size_t> gate_connections{0};
  std::atomic<std::size_t> admin_connections{0};
  std::atomic<std::size_t> front_connections{0};
  std::atomic<std::size_t> buffered_bytes{0};
  std::atomic<bool> draining{false};
  asio::thread_pool control{1};
  asio::thread_pool inquiries{2};  // answers of the admin listener that wait for a search cluster
};

/// What a request works with and the next one on the thread finds again. Nothing in it says anything
/// of a request that has ended: it is the memory that is kept.
struct Workbench {
  explicit Workbench(const Limits& limits) : workspace(limits) {}

  /// Before it is put away. Wipes the head, and gives back what only an unusual request needed.
  void clear();

  Workspace workspace;
  RequestHead head;
  ResponseHead answer;
  std::string upstream_head;
  std::string answer_head;
  std::vector<std::string_view> upstream_pieces;
  std::vector<std::string_view> body_pieces;
  std::vector<std::string_view> answer_pieces;
};

/// Bytes of a request's body counted against the process's budget, given back at the end.
class BufferBudget {
 public:
  explicit BufferBudget(SharedState& state) : state_(state) {}
  BufferBudget(const BufferBudget&) = delete;
  BufferBudget& operator=(const BufferBudget&) = delete;
  ~BufferBudget() { clear(); }

  /// Raises what is held to `bytes`; false when the process would hold too much.
  bool hold(std::size_t bytes);
  void clear() noexcept;

 private:
  SharedState& state_;
  std::size_t held_ = 0;
};

/// A client connection, as far as the drain is concerned.
class Session {
 public:
  /// `home` is where it is listed while it lives.
  explicit Session(std::set<Session*>& home);
  virtual ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Close unless a request is under way.
  virtual void drain(TimePoint now) = 0;
  /// Answer now, whatever is missing.
  virtual void hurry() = 0;
  virtual void kill() = 0;

 private:
  std::set<Session*>& home_;
};

/// One network thread's belongings. Not thread-safe but for `context`'s executor.
class Worker {
 public:
  Worker(SharedState& shared, std::size_t number);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  SharedState& shared;
  asio::io_context context{1};
  Ticker ticker{context};
  PolicyReader policy;
  ByteBuffer spare;  // for large bodies; empty, or without memory
  std::set<Session*> gate_sessions;
  std::set<Session*> admin_sessions;
  std::set<Session*> front_sessions;

  UpstreamPool& pool(std::string_view account);
  const std::vector<std::unique_ptr<UpstreamPool>>& pools() const noexcept { return pools_; }

  std::unique_ptr<Workbench> take_workbench();
  void return_workbench(std::unique_ptr<Workbench> bench) noexcept;

  /// Hexadecimal digits, not repeated for a long while and not guessable from each other.
  using RequestId = std::array<char, 16>;
  RequestId next_request_id();

 private:
  std::vector<std::unique_ptr<UpstreamPool>> pools_;
  std::vector<std::unique_ptr<Workbench>> benches_;
  std::uint64_t id_state_;
};

std::int64_t now_seconds();

}  // namespace weir::proxy
