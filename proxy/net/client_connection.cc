#include "net/client_connection.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "http/chunked.h"
#include "http/gunzip.h"

namespace weir::proxy {
namespace {

constexpr std::size_t kReadBytes = 16U << 10U;
constexpr std::size_t kBodyReadBytes = 256U << 10U;
// Buffers larger than this are given back between requests.
constexpr std::size_t kKeptBytes = 64U << 10U;
// A larger one than that, which one connection of a thread uses after the other.
constexpr std::size_t kSpareBytes = 1U << 20U;
// What a client that was refused may still send before it is cut off.
constexpr std::size_t kLingerBytes = 1U << 20U;
constexpr Millis kLingerTime{1000};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

using Result = ClientConnection::Result;
using Outcome = ClientConnection::Outcome;

Result denied(DenyCode code) { return {Outcome::kDenied, code}; }
Result done() { return {Outcome::kDone, {}}; }

}  // namespace

ClientConnection::ClientConnection(Worker& worker, Socket socket, const ListenLimits& limits)
    : worker_(worker),
      limits_(limits),
      stream_(worker.ticker, std::move(socket)),
      remote_(stream_.remote_address()),
      budget_(worker.shared) {}

Task<Result> ClientConnection::handshake(std::shared_ptr<TlsContext> context) {
  IoResult result = co_await stream_.accept_tls(context, Clock::now() + limits_.handshake_timeout);
  if (!result.ok()) co_return Result{};
  co_return done();
}

Task<Result> ClientConnection::fill(std::size_t bytes, TimePoint deadline) {
  char* at = input_.prepare(bytes);
  IoResult result = co_await stream_.read_some(at, bytes, deadline);
  if (result.timed_out()) co_return denied(DenyCode::kHttpTimeout);
  if (!result.ok()) co_return Result{};
  input_.commit(result.bytes);
  co_return done();
}

Task<Result> ClientConnection::wait_head() {
  scanner_ = HeadScanner();
  started_ = Clock::now();
  TimePoint deadline = started_ + limits_.head_timeout;
  consumed_ = false;
  while (true) {
    HeadScanner::State state = scanner_.scan(input_.view());
    if (state == HeadScanner::State::kMalformed) co_return denied(DenyCode::kHttpMalformed);
    if (state == HeadScanner::State::kComplete) break;
    if (input_.size() > limits_.max_head_bytes) co_return denied(DenyCode::kHttpHeadTooLarge);
    if (input_.empty()) {
      idle_ = true;
      Result waited = co_await fill(kReadBytes, Clock::now() + limits_.idle_timeout);
      idle_ = false;
      if (waited.outcome != Outcome::kDone) co_return Result{};
      started_ = Clock::now();
      deadline = started_ + limits_.head_timeout;
    } else {
      Result more = co_await fill(kReadBytes, deadline);
      if (more.outcome != Outcome::kDone) co_return more;
    }
  }
  co_return done();
}

Result ClientConnection::take_head(RequestHead* head) {
  const std::size_t size = scanner_.head_bytes();
  const std::optional<DenyCode> problem =
      parse_request_head(input_.view().substr(0, size),
                         {limits_.max_head_bytes, limits_.max_header_count, limits_.upgrades}, *head);
  OPENSSL_cleanse(input_.data(), size);  // it held the credential
  input_.consume(size);
  if (!problem) return done();
  head->assign({});  // nothing of it counts
  return denied(*problem);
}

bool ClientConnection::body_arrived(const RequestHead& head) const {
  switch (head.framing) {
    case BodyFraming::kNone:
      return true;
    case BodyFraming::kLength:
      return input_.size() >= head.content_length;
    case BodyFraming::kChunked:
      return false;
  }
  return false;
}

Task<Result> ClientConnection::read_body(const RequestHead& head) {
  TimePoint deadline = Clock::now() + limits_.body_timeout;
  if (head.framing == BodyFraming::kLength && head.content_length > limits_.max_body_bytes) {
    co_return denied(DenyCode::kBodyTooLarge);
  }
  if (head.expect_continue && head.framing != BodyFraming::kNone && input_.empty()) {
    bool written = co_await write({&kContinue, 1});
    if (!written) co_return Result{};
  }
  Result result = done();
  if (head.framing == BodyFraming::kLength && !head.gzip_body) {
    result = co_await read_plain(head.content_length, deadline);
  } else if (head.framing != BodyFraming::kNone) {
    result = co_await read_coded(&head, deadline);
  }
  consumed_ = result.outcome == Outcome::kDone;
  co_return result;
}

// Read where it stands: the body is the front of the input, and what follows it is the next
// request's.
Task<Result> ClientConnection::read_plain(std::uint64_t length, TimePoint deadline) {
  if (input_.size() < length && length > kKeptBytes && length <= kSpareBytes) make_room();
  while (input_.size() < length) {
    std::size_t missing = static_cast<std::size_t>(length) - input_.size();
    // Memory grows with what came, not with what was announced.
    std::size_t step = std::min(missing, std::max(kBodyReadBytes, input_.size()));
    if (!budget_.hold(input_.size() + step)) co_return denied(DenyCode::kLimitMemory);
    Result more = co_await fill(step, deadline);
    if (more.outcome != Outcome::kDone) co_return more;
  }
  body_in_input_ = static_cast<std::size_t>(length);
  body_ = input_.view().substr(0, body_in_input_);
  co_return done();
}

// Most large bodies fit a buffer that the thread has kept from the last one, with its pages. A new
// one takes memory as it is filled.
void ClientConnection::make_room() {
  if (input_.capacity() >= kSpareBytes) return;
  ByteBuffer room = std::exchange(worker_.spare, ByteBuffer());
  room.prepare(kSpareBytes);
  room.append(input_.view());
  input_ = std::move(room);
}

namespace {

// Takes the codings of a request's body off, piece by piece.
class BodyDecoder {
 public:
  BodyDecoder(const RequestHead& head, const ListenLimits& limits, ByteBuffer& out)
      : chunked_(head.framing == BodyFraming::kChunked),
        left_(head.content_length),
        limits_(limits),
        out_(out) {
    if (head.gzip_body) gunzip_ = std::make_unique<Gunzip>(limits.max_inflated_bytes);
  }

  /// How much of `input` was used; `ended()` when the body is complete.
  std::size_t feed(std::string_view input, std::optional<DenyCode>& problem) {
    std::size_t used = 0;
    while (!ended_ && !problem) {
      ChunkDecoder::Step step = next(input.substr(used));
      used += step.consumed;
      if (step.state == ChunkDecoder::State::kMalformed) problem = DenyCode::kHttpFraming;
      if (step.state == ChunkDecoder::State::kEnd) ended_ = true;
      if (step.state == ChunkDecoder::State::kMore) break;
      if (!step.data.empty()) problem = take(step.data);
    }
    if (ended_ && !problem && gunzip_ && state_ != Gunzip::State::kDone)
      problem = DenyCode::kBodyContentEncoding;
    return used;
  }
  bool ended() const noexcept { return ended_; }

 private:
  ChunkDecoder::Step next(std::string_view input) {
    if (chunked_) return chunks_.next(input);
    if (left_ == 0) return {ChunkDecoder::State::kEnd, 0, {}};
    std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    if (size == 0) return {};
    left_ -= size;
    return {ChunkDecoder::State::kData, size, input.substr(0, size)};
  }

  std::optional<DenyCode> take(std::string_view data) {
    wire_ += data.size();
    if (wire_ > limits_.max_body_bytes) return DenyCode::kBodyTooLarge;
    if (!gunzip_) {
      out_.append(data);
      return std::nullopt;
    }
    state_ = gunzip_->feed(data, out_);
    if (state_ == Gunzip::State::kTooLarge) return DenyCode::kBodyTooLarge;
    if (state_ == Gunzip::State::kMalformed) return DenyCode::kBodyContentEncoding;
    return std::nullopt;
  }

  bool chunked_;
  std::uint64_t left_;
  const ListenLimits& limits_;
  ByteBuffer& out_;
  ChunkDecoder chunks_;
  std::unique_ptr<Gunzip> gunzip_;
  Gunzip::State state_ = Gunzip::State::kMore;
  std::uint64_t wire_ = 0;
  bool ended_ = false;
};

}  // namespace

Task<Result> ClientConnection::read_coded(const RequestHead* head, TimePoint deadline) {
  BodyDecoder decoder(*head, limits_, decoded_);
  std::optional<DenyCode> problem;
  while (true) {
    // A small piece at a time, so that what one step inflates to is bounded.
    std::size_t used = decoder.feed(input_.view().substr(0, kReadBytes), problem);
    input_.consume(used);
    if (!problem && !budget_.hold(decoded_.capacity())) problem = DenyCode::kLimitMemory;
    if (problem) co_return denied(*problem);
    if (decoder.ended()) break;
    if (!input_.empty() && used != 0) continue;
    Result more = co_await fill(kReadBytes, deadline);
    if (more.outcome != Outcome::kDone) co_return more;
  }
  body_ = decoded_.view();
  co_return done();
}

std::string ClientConnection::take_input() {
  end_request();
  std::string rest(input_.view());
  input_.clear();
  return rest;
}

void ClientConnection::end_request() {
  body_ = {};
  input_.consume(body_in_input_);
  body_in_input_ = 0;
  decoded_.clear();
  if (decoded_.capacity() > kKeptBytes) decoded_.release();
  if (input_.empty() && input_.capacity() > kKeptBytes) {
    if (input_.capacity() == kSpareBytes) worker_.spare = std::move(input_);
    input_.release();
  }
  budget_.clear();
}

Task<bool> ClientConnection::write(std::span<const std::string_view> pieces) {
  IoResult result = co_await stream_.write(pieces, Clock::now() + limits_.write_timeout);
  co_return result.ok();
}

Task<void> ClientConnection::finish() {
  if (!stream_.aborted()) {
    TimePoint deadline = Clock::now() + kLingerTime;
    IoResult result = co_await stream_.shutdown(deadline);
    // Closing with unread input would reset the connection and take the answer away from the
    // client.
    std::size_t seen = 0;
    input_.clear();
    while (!consumed_ && result.ok() && seen < kLingerBytes) {
      char* at = input_.prepare(kReadBytes);
      result = co_await stream_.read_some(at, kReadBytes, deadline);
      seen += result.bytes;
    }
  }
  stream_.close();
}

void AnswerWriter::begin(const AnswerHead& head) {
  append_answer_head(head, bench_->answer_head);
  chunked_ = !head.content_length && !head.bodiless;
  begun_ = true;
}

// The size of a chunk stands behind the head, in the same text.
Task<bool> AnswerWriter::write(std::span<const std::string_view> pieces, bool last) {
  std::vector<std::string_view>& out = bench_->answer_pieces;
  std::string& head = bench_->answer_head;
  out.clear();
  std::uint64_t size = 0;
  for (std::string_view piece : pieces) size += piece.size();
  const bool chunk = chunked_ && size != 0 && !head_only_;
  if (chunk) append_chunk_size(size, head);
  out.push_back(head);
  if (!head_only_) {
    out.insert(out.end(), pieces.begin(), pieces.end());
    if (chunk) out.emplace_back("\r\n");
    if (chunked_ && last) out.emplace_back("0\r\n\r\n");
    bytes_ += size;
  }
  bool written = co_await client_->write(out);
  head.clear();
  co_return written;
}

}  // namespace weir::proxy
