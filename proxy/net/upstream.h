// A search cluster as seen by one network thread: what every request to it has in common, and a
// bounded pool of kept connections with a bounded queue in front of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/byte_buffer.h"
#include "net/io.h"
#include "net/settings.h"
#include "net/stream.h"
#include "net/ticker.h"
#include "net/tls.h"
#include "observe/metrics.h"
#include "weir/verdict.h"

namespace weir::proxy {

/// The part all threads share. Immutable but for the TLS context and the time of the last answer.
struct Upstream {
  /// Throws std::runtime_error if a setting cannot go into a request.
  explicit Upstream(UpstreamSettings given);

  UpstreamSettings settings;
  std::string fixed_headers;         // Host and credential, complete lines
  std::vector<std::string> secrets;  // of the credential, for scrub()
  TlsHolder tls;
  std::atomic<std::int64_t> last_answer{0};  // ticks of Clock; 0: never
};

struct UpstreamConnection {
  UpstreamConnection(Ticker& ticker, Socket socket) : stream(ticker, std::move(socket)) {}

  Stream stream;
  ByteBuffer input;
  TimePoint idle_since;
};

class UpstreamPool;

/// A connection lent out. Unless keep() was called it is closed at the end.
class UpstreamLease {
 public:
  UpstreamLease() = default;
  UpstreamLease(UpstreamPool* pool, std::unique_ptr<UpstreamConnection> connection, bool reused)
      : pool_(pool), connection_(std::move(connection)), reused_(reused) {}
  UpstreamLease(UpstreamLease&& other) noexcept = default;
  UpstreamLease& operator=(UpstreamLease&& other) noexcept;
  ~UpstreamLease() { give_back(); }

  explicit operator bool() const noexcept { return connection_ != nullptr; }
  UpstreamConnection& connection() const { return *connection_; }
  /// It has served before, so that it may be stale.
  bool reused() const noexcept { return reused_; }
  /// The answer was read to its end: others may use the connection.
  void keep() noexcept { keep_ = true; }
  void give_back();

 private:
  UpstreamPool* pool_ = nullptr;
  std::unique_ptr<UpstreamConnection> connection_;
  bool reused_ = false;
  bool keep_ = false;
};

/// Lets somebody else end a wait for a connection.
struct WaitControl {
  bool cancelled = false;
  Event* event = nullptr;
  Stream* stream = nullptr;

  void cancel() {
    cancelled = true;
    if (event != nullptr) event->notify();
    if (stream != nullptr) stream->abort();
  }
};

struct Acquired {
  UpstreamLease lease;
  DenyCode error = DenyCode::kUpstreamUnreachable;  // when there is no lease
  bool full = false;                                // there was no place for one more connection
  std::optional<TimePoint> connecting = {};         // since when; none was made if it is missing
};

class UpstreamPool final : private Ticker::Member {
 public:
  /// All must outlive the pool, and the pool every lease.
  UpstreamPool(asio::io_context& context, Ticker& ticker, Upstream& upstream, Metrics& metrics);
  ~UpstreamPool();

  /// A kept connection, or with `fresh` always a new one. `control` must outlive the call.
  Task<Acquired> acquire(bool fresh, WaitControl* control);
  Upstream& upstream() const noexcept { return upstream_; }
  void close_idle();

 private:
  friend class UpstreamLease;
  struct Waiter {
    explicit Waiter(Executor executor) : event(executor) {}
    Event event;
    std::unique_ptr<UpstreamConnection> connection;
    bool may_connect = false;
  };

  void tick(TimePoint now) override;
  std::unique_ptr<UpstreamConnection> take_idle();
  Task<Acquired> connect(WaitControl* control);
  Task<bool> establish(UpstreamConnection* connection, Tcp::endpoint endpoint, TimePoint deadline);
  Task<std::vector<Tcp::endpoint>> resolve(TimePoint deadline);
  void release(std::unique_ptr<UpstreamConnection> connection, bool keep);
  void slot_free();
  UpstreamLease lend(std::unique_ptr<UpstreamConnection> connection, bool reused);

  asio::io_context& context_;
  Ticker& ticker_;
  Upstream& upstream_;
  Metrics& metrics_;
  std::vector<std::unique_ptr<UpstreamConnection>> idle_;  // the one used last at the end
  std::deque<Waiter*> waiters_;
  std::size_t open_ = 0;  // idle, lent out or being connected; INVARIANT: <= max_connections
};

}  // namespace weir::proxy
