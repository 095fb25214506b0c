#include "net/exchange.h"

#include <algorithm>

namespace weir::proxy {
namespace {

// One read; with two of these (this and the kernel's) an answer of any size flows by.
constexpr std::size_t kReadBytes = 64U << 10U;
constexpr int kMaxInterim = 4;

ExchangeError error_of(const IoResult& result) {
  if (result.ok()) return ExchangeError::kNone;
  if (result.timed_out()) return ExchangeError::kTimeout;
  return result.error == asio::error::operation_aborted ? ExchangeError::kAborted
                                                        : ExchangeError::kClosed;
}

}  // namespace

Task<ExchangeError> Exchange::send(std::span<const std::string_view> pieces) {
  // Large bodies go in steps, so that the deadline is for a step and not for the whole.
  constexpr std::size_t kStep = 512U << 10U;
  std::size_t whole = 0;
  for (std::string_view piece : pieces) whole += piece.size();
  if (whole <= kStep) {
    IoResult written =
        co_await connection_->stream.write(pieces, Clock::now() + settings_->write_timeout);
    co_return error_of(written);
  }
  std::vector<std::string_view> step;
  std::size_t held = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::string_view rest = pieces[i];
    while (!rest.empty()) {
      std::string_view part = rest.substr(0, kStep - held);
      rest.remove_prefix(part.size());
      held += part.size();
      step.push_back(part);
      if (held < kStep) continue;
      IoResult written =
          co_await connection_->stream.write(step, Clock::now() + settings_->write_timeout);
      if (!written.ok()) co_return error_of(written);
      step.clear();
      held = 0;
    }
  }
  if (step.empty()) co_return ExchangeError::kNone;
  IoResult written =
      co_await connection_->stream.write(step, Clock::now() + settings_->write_timeout);
  co_return error_of(written);
}

Task<ExchangeError> Exchange::fill(TimePoint deadline) {
  ByteBuffer& input = connection_->input;
  char* at = input.prepare(kReadBytes);
  IoResult result = co_await connection_->stream.read_some(at, kReadBytes, deadline);
  if (result.ok()) {
    input.commit(result.bytes);
    answered_ = true;
  }
  co_return error_of(result);
}

// Until a whole head stands at the front of the input.
Task<ExchangeError> Exchange::await_head(TimePoint deadline, std::size_t* size) {
  ByteBuffer& input = connection_->input;
  std::size_t searched = 0;
  while (true) {
    std::size_t end = input.view().find("\r\n\r\n", searched > 3 ? searched - 3 : 0);
    if (end != std::string_view::npos) {
      *size = end + 4;
      co_return ExchangeError::kNone;
    }
    searched = input.size();
    if (searched >= settings_->max_head_bytes) co_return ExchangeError::kProtocol;
    ExchangeError error = co_await fill(deadline);
    if (error != ExchangeError::kNone) {
      // Half a head is a broken answer, not a connection that was stale.
      bool broken = error == ExchangeError::kClosed && answered_;
      co_return broken ? ExchangeError::kProtocol : error;
    }
  }
}

Task<ExchangeError> Exchange::take_head(bool to_head, TimePoint deadline, ResponseHead* head) {
  std::size_t size = 0;
  ExchangeError error = co_await await_head(deadline, &size);
  if (error != ExchangeError::kNone) co_return error;
  ByteBuffer& input = connection_->input;
  bool good = parse_response_head(input.view().substr(0, size), to_head, *head);
  if (!good) co_return ExchangeError::kProtocol;
  input.consume(size);
  co_return ExchangeError::kNone;
}

Task<ExchangeError> Exchange::read_head(bool to_head, ResponseHead* head) {
  TimePoint deadline = Clock::now() + settings_->head_timeout;
  for (int interim = 0; interim <= kMaxInterim; ++interim) {
    ExchangeError error = co_await take_head(to_head, deadline, head);
    if (error != ExchangeError::kNone) co_return error;
    if (head->status == 101) co_return ExchangeError::kProtocol;
    if (head->status < 200) continue;
    begin_body(head->framing, head->content_length, head->keep_alive);
    co_return ExchangeError::kNone;
  }
  co_return ExchangeError::kProtocol;
}

Task<ExchangeError> Exchange::read_head_bytes(std::string* bytes) {
  constexpr std::string_view kInterim = "HTTP/1.1 1";
  TimePoint deadline = Clock::now() + settings_->head_timeout;
  for (int interim = 0; interim <= kMaxInterim; ++interim) {
    std::size_t size = 0;
    ExchangeError error = co_await await_head(deadline, &size);
    if (error != ExchangeError::kNone) co_return error;
    *bytes = connection_->input.view().substr(0, size);
    connection_->input.consume(size);
    bool interim_answer = bytes->starts_with(kInterim) && !bytes->starts_with("HTTP/1.1 101");
    if (!interim_answer) co_return ExchangeError::kNone;
  }
  co_return ExchangeError::kProtocol;
}

void Exchange::begin_body(BodyFraming framing, std::uint64_t length, bool keep_alive) {
  framing_ = framing;
  left_ = length;
  keep_alive_ = keep_alive;
  ended_ = framing_ == BodyFraming::kNone || (framing_ == BodyFraming::kLength && left_ == 0);
}

// Cuts pieces out of the input; false when it is malformed.
bool Exchange::decode(std::vector<std::string_view>* pieces) {
  std::string_view input = connection_->input.view();
  if (framing_ == BodyFraming::kLength) {
    used_ = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    left_ -= used_;
    ended_ = left_ == 0;
    if (used_ != 0) pieces->push_back(input.substr(0, used_));
    return true;
  }
  while (true) {
    ChunkDecoder::Step step = chunks_.next(input.substr(used_));
    used_ += step.consumed;
    if (!step.data.empty()) pieces->push_back(step.data);
    if (step.state == ChunkDecoder::State::kData) continue;
    ended_ = step.state == ChunkDecoder::State::kEnd;
    return step.state != ChunkDecoder::State::kMalformed;
  }
}

Task<ExchangeError> Exchange::read_body(std::vector<std::string_view>* pieces) {
  pieces->clear();
  finish();
  while (!ended_) {
    if (!decode(pieces)) co_return ExchangeError::kProtocol;
    if (!pieces->empty()) co_return ExchangeError::kNone;
    finish();
    if (ended_) break;
    ExchangeError error = co_await fill(Clock::now() + settings_->body_idle_timeout);
    if (error != ExchangeError::kNone) co_return error;
  }
  co_return ExchangeError::kNone;
}

void Exchange::finish() {
  connection_->input.consume(used_);
  used_ = 0;
}

}  // namespace weir::proxy
