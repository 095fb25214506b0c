// One request and its answer on one upstream connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/chunked.h"
#include "http/response_head.h"
#include "net/io.h"
#include "net/upstream.h"

namespace weir::proxy {

enum class ExchangeError : std::uint8_t {
  kNone,
  kClosed,  // the connection broke
  kTimeout,
  kProtocol,  // an answer that is not understood
  kAborted,   // ended from our side
};

/// The calls come in the order of their declaration. Lives no longer than the lease.
class Exchange {
 public:
  Exchange(UpstreamConnection* connection, const UpstreamSettings* settings)
      : connection_(connection), settings_(settings) {}

  /// `pieces` are the head and the body, and stay until it is done.
  Task<ExchangeError> send(std::span<const std::string_view> pieces);

  /// `to_head` as in parse_response_head().
  Task<ExchangeError> read_head(bool to_head, ResponseHead* head);

  /// Instead: the head as it came, for another reader of heads, which then says what follows. 101
  /// is no interim answer here.
  Task<ExchangeError> read_head_bytes(std::string* bytes);
  void begin_body(BodyFraming framing, std::uint64_t length, bool keep_alive);

  /// True once any byte of an answer has come: then the request must not be sent again.
  bool answered() const noexcept { return answered_; }

  /// The next pieces of the body with the chunked coding taken off, valid until the next call.
  /// `ended()` says when there are no more.
  Task<ExchangeError> read_body(std::vector<std::string_view>* pieces);
  bool ended() const noexcept { return ended_; }

  /// After the end: whether the connection can serve another request.
  bool reusable() const noexcept {
    return ended_ && keep_alive_ && connection_->input.size() == used_;
  }
  /// Lets go of the last pieces. REQUIRES: nobody uses them any more.
  void finish();

 private:
  Task<ExchangeError> fill(TimePoint deadline);
  Task<ExchangeError> await_head(TimePoint deadline, std::size_t* size);
  Task<ExchangeError> take_head(bool to_head, TimePoint deadline, ResponseHead* head);
  bool decode(std::vector<std::string_view>* pieces);

  UpstreamConnection* connection_;
  const UpstreamSettings* settings_;
  ChunkDecoder chunks_;
  BodyFraming framing_ = BodyFraming::kNone;
  std::uint64_t left_ = 0;
  std::size_t used_ = 0;  // bytes of the input that the last pieces stand in
  bool answered_ = false;
  bool ended_ = false;
  bool keep_alive_ = false;
};

}  // namespace weir::proxy
