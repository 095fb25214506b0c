// A WebSocket between a browser and Dashboards: bytes both ways, until one of them ends it, nothing
// happens for long, or the link no longer opens anything.
#include <array>

#include "front/front_session.h"
#include "front/relay_head.h"

namespace weir::proxy {
namespace {

constexpr std::size_t kReadBytes = 16U << 10U;
constexpr Millis kLookAgain{500};
constexpr Millis kMaxSilence{600000};

// One direction. Both share a Flow, which outlives the slower of them.
struct Flow {
  explicit Flow(Executor executor) : ended(executor) {}
  Event ended;  // one of the two is over
  TimePoint last = Clock::now();
  std::uint64_t bytes_out = 0;
  int running = 2;
};

struct Leave {
  Flow& flow;
  ~Leave() {
    --flow.running;
    flow.ended.notify();
  }
};

// INVARIANT: both streams outlive it: the session waits until both directions have ended.
Task<void> carry(std::shared_ptr<Flow> flow, Stream* from, Stream* to, std::string early,
                 bool out) {
  const Leave leave{*flow};
  std::array<char, kReadBytes> buffer{};
  std::string_view bytes = early;
  while (true) {
    if (!bytes.empty()) {
      const std::array<std::string_view, 1> pieces = {bytes};
      const IoResult written = co_await to->write(pieces, TimePoint::max());
      if (!written.ok()) break;
      flow->last = Clock::now();
      if (out) flow->bytes_out += bytes.size();
    }
    const IoResult read = co_await from->read_some(buffer.data(), buffer.size(), TimePoint::max());
    if (!read.ok()) break;
    bytes = {buffer.data(), read.bytes};
  }
}

}  // namespace

Task<bool> FrontSession::open_web_socket() {
  route_ = "websocket";
  bool whole = false;
  Acquired acquired = co_await front_.dashboards()->acquire(true, &control_);
  if (!acquired.lease) {
    whole = co_await notify(Notice::kUnavailable);
    co_return whole;
  }
  const Upstream& upstream = front_.dashboards()->upstream();
  UpstreamConnection& connection = acquired.lease.connection();
  RelayRequest request;
  const std::string target = target_.clean();
  request.head = &head_;
  request.target = target;
  request.fixed_headers = upstream.fixed_headers;
  request.secret = cookie_.secret.unsafe_reveal();
  request.cookies = cookie_.others;
  request.upgrade = true;
  request.plain = true;
  std::string text;
  append_relay_request(request, text);
  Exchange exchange(&connection, &upstream.settings);
  control_.stream = &connection.stream;
  std::vector<std::string_view> pieces = {text};
  std::string bytes;
  ExchangeError error = co_await exchange.send(pieces);
  if (error == ExchangeError::kNone) error = co_await exchange.read_head_bytes(&bytes);
  control_.stream = nullptr;
  std::optional<RelayHead> head;
  if (error == ExchangeError::kNone) head = parse_relay_head(bytes, false);
  // Whatever else it says is not for somebody who asked for a WebSocket.
  std::string answer;
  if (!head || head->status != 101 || !still_welcome() || !begin_answer(*head, &answer)) {
    whole = co_await notify(Notice::kUnavailable);
    co_return whole;
  }
  upstream_status_ = status_ = head->status;
  answer += "connection: upgrade\r\nupgrade: websocket\r\n\r\n";
  std::vector<std::string_view> out = {answer};
  const bool written = co_await client_.write(out);
  if (written) co_await run_web_socket(&connection, client_.take_input());
  co_return false;
}

Task<void> FrontSession::run_web_socket(UpstreamConnection* connection, std::string early) {
  std::string first(connection->input.view());
  connection->input.clear();
  auto flow = std::make_shared<Flow>(worker_.context.get_executor());
  Stream& browser = client_.stream();
  const auto unheard = [](const std::exception_ptr&) {};
  spawn(worker_.context, carry(flow, &browser, &connection->stream, std::move(early), false),
        unheard);
  spawn(worker_.context, carry(flow, &connection->stream, &browser, std::move(first), true),
        unheard);
  while (!control_.cancelled && Clock::now() - flow->last < kMaxSilence && still_welcome()) {
    const bool ended = co_await flow->ended.wait(Clock::now() + kLookAgain);
    if (ended) break;
  }
  browser.abort();
  connection->stream.abort();
  Timer pause(worker_.context.get_executor());
  while (flow->running != 0) {
    pause.expires_after(Millis(5));
    auto paused =
        operation<ErrorCode>([&](auto handler) { pause.async_wait(std::move(handler)); });
    co_await paused;
  }
  bytes_out_ = flow->bytes_out;
}

}  // namespace weir::proxy
