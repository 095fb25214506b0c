#include "net/upstream_client.h"

#include <algorithm>
#include <utility>

#include "http/head_writer.h"
#include "net/exchange.h"
#include "net/ticker.h"
#include "net/upstream.h"
#include "observe/metrics.h"

namespace weir::proxy {

struct UpstreamClient::Line {
  explicit Line(const UpstreamSettings& settings)
      : upstream(settings), pool(context, ticker, upstream, unread) {
    ticker.start();
  }

  Task<bool> ask(Question question, std::size_t max_bytes, bool fresh, Answer* answer);
  Task<void> ask_again(Question question, std::size_t max_bytes, Answer* answer, bool* whole);

  Metrics unread;  // the server's own connections are counted, not these
  asio::io_context context{1};
  Ticker ticker{context};
  Upstream upstream;
  UpstreamPool pool;
  WaitControl control;
  bool stale = false;  // the connection had served before, and broke before any answer
};

Task<bool> UpstreamClient::Line::ask(Question question, std::size_t max_bytes, bool fresh,
                                     Answer* answer) {
  stale = false;
  Acquired acquired = co_await pool.acquire(fresh, &control);
  if (!acquired.lease) co_return false;
  control.stream = &acquired.lease.connection().stream;
  UpstreamRequestHead request;
  request.method = question.method;
  request.path_prefix = upstream.settings.path_prefix;
  request.target = question.target;
  request.fixed_headers = upstream.fixed_headers;
  request.content_type = question.content_type;
  if (!question.body.empty()) {
    std::size_t bytes = 0;
    for (std::string_view piece : question.body) bytes += piece.size();
    request.content_length = bytes;
  }
  std::string text;
  append_upstream_head(request, text);
  Exchange exchange(&acquired.lease.connection(), &upstream.settings);
  std::vector<std::string_view> pieces = {text};
  pieces.insert(pieces.end(), question.body.begin(), question.body.end());
  ResponseHead head;
  ExchangeError error = co_await exchange.send(pieces);
  if (error == ExchangeError::kNone)
    error = co_await exchange.read_head(question.method == Method::kHead, &head);
  answer->status = head.status;
  answer->etag = head.etag;
  answer->body.clear();
  while (error == ExchangeError::kNone && !exchange.ended() && answer->body.size() <= max_bytes) {
    std::vector<std::string_view> part;
    error = co_await exchange.read_body(&part);
    for (std::string_view piece : part) answer->body += piece;
  }
  control.stream = nullptr;
  stale = acquired.lease.reused() && !exchange.answered();
  bool whole =
      error == ExchangeError::kNone && exchange.ended() && answer->body.size() <= max_bytes;
  if (whole) {
    exchange.finish();
    if (exchange.reusable()) acquired.lease.keep();
  }
  co_return whole;
}

Task<void> UpstreamClient::Line::ask_again(Question question, std::size_t max_bytes, Answer* answer,
                                           bool* whole) {
  *whole = co_await ask(question, max_bytes, false, answer);
  if (!*whole && stale) *whole = co_await ask(question, max_bytes, true, answer);
}

UpstreamClient::UpstreamClient(UpstreamSettings upstream, Millis patience)
    : settings_(std::move(upstream)), patience_(patience) {
  for (Millis* time : {&settings_.connect_timeout, &settings_.write_timeout,
                       &settings_.head_timeout, &settings_.body_idle_timeout}) {
    *time = std::min(*time, patience);
  }
}

UpstreamClient::~UpstreamClient() = default;

std::optional<UpstreamClient::Answer> UpstreamClient::ask(const Question& question,
                                                          std::size_t max_bytes) noexcept try {
  if (!line_) line_ = std::make_unique<Line>(settings_);
  Answer answer;
  bool whole = false;
  bool done = false;
  line_->control = WaitControl{};
  line_->context.restart();
  spawn(line_->context, line_->ask_again(question, max_bytes, &answer, &whole),
        [&](const std::exception_ptr& failure) {
          whole = whole && !failure;
          done = true;
          line_->context.stop();
        });
  line_->context.run_for(4 * patience_);
  if (!done) {
    // An answer that trickles. The coroutine must end before what it uses does.
    line_->control.cancel();
    line_->context.run();
  }
  // A new line reads certificates anew.
  if (!whole) line_.reset();
  return whole ? std::optional(std::move(answer)) : std::nullopt;
} catch (const std::exception&) {
  line_.reset();
  return std::nullopt;
}

}  // namespace weir::proxy
