// The client's side of HTTP/1.1: one request at a time, in order. Both listeners use it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/byte_buffer.h"
#include "http/head_guard.h"
#include "http/head_writer.h"
#include "net/stream.h"
#include "net/worker.h"

namespace weir::proxy {

class ClientConnection {
 public:
  /// `limits` must outlive it.
  ClientConnection(Worker& worker, Socket socket, const ListenLimits& limits);

  enum class Outcome : std::uint8_t {
    kDone,
    kDenied,  // `deny` says why; answer it and close
    kClosed,  // nobody is there any more
  };
  struct Result {
    Outcome outcome = Outcome::kClosed;
    DenyCode deny = DenyCode::kHttpMalformed;
  };

  Task<Result> handshake(std::shared_ptr<TlsContext> context);

  /// Waits for the next request, until its head is here.
  Task<Result> wait_head();
  /// Takes that head off. REQUIRES: wait_head() is kDone.
  Result take_head(RequestHead* head);
  /// When the first byte of the head came.
  TimePoint started() const noexcept { return started_; }
  /// After wait_head(): a part of a head has come, or something that was none.
  bool head_begun() const noexcept { return !input_.empty(); }
  /// True while it waits for the first byte of a request.
  bool idle() const noexcept { return idle_; }

  /// True if reading the body will not have to wait.
  bool body_arrived(const RequestHead& head) const;
  /// Reads, unchunks and inflates the body. Sends `100 Continue` if that was asked for and the body
  /// is not here yet.
  Task<Result> read_body(const RequestHead& head);
  /// The body. REQUIRES: read_body() was done, end_request() was not.
  std::string_view body() const noexcept { return body_; }
  /// The request was read to its end, so that another may follow.
  bool request_consumed() const noexcept { return consumed_; }
  void end_request();

  /// Writes pieces of an answer, each call within the write timeout. False: the client is gone.
  Task<bool> write(std::span<const std::string_view> pieces);
  /// Ends the connection so that the client can read everything that was written.
  Task<void> finish();

  Stream& stream() noexcept { return stream_; }
  const std::string& remote() const noexcept { return remote_; }
  /// Of a peer whose socket does not know it.
  void set_remote(std::string address) { remote_ = std::move(address); }
  /// What has come behind the request, for whoever goes on with another protocol.
  std::string take_input();

 private:
  Task<Result> read_plain(std::uint64_t length, TimePoint deadline);
  void make_room();
  Task<Result> read_coded(const RequestHead* head, TimePoint deadline);
  Task<Result> fill(std::size_t bytes, TimePoint deadline);

  Worker& worker_;
  const ListenLimits& limits_;
  Stream stream_;
  std::string remote_;
  ByteBuffer input_;
  ByteBuffer decoded_;
  std::string_view body_;
  std::size_t body_in_input_ = 0;
  BufferBudget budget_;
  HeadScanner scanner_;
  TimePoint started_;
  bool idle_ = false;
  bool consumed_ = true;
};

/// Writes one answer of known or unknown length, or only its head for HEAD.
class AnswerWriter {
 public:
  /// All must outlive it. `head_only`: the client asked HEAD.
  AnswerWriter(ClientConnection* client, Workbench* bench, bool head_only)
      : client_(client), bench_(bench), head_only_(head_only) {
    bench->answer_head.clear();
  }

  /// Nothing is sent before the first write().
  void begin(const AnswerHead& head);
  bool begun() const noexcept { return begun_; }
  /// Pieces of the body; `last` ends the answer. False: the client is gone.
  Task<bool> write(std::span<const std::string_view> pieces, bool last);

  /// Bytes of the body that were sent.
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  ClientConnection* client_;
  Workbench* bench_;
  std::uint64_t bytes_ = 0;
  bool head_only_;
  bool chunked_ = false;
  bool begun_ = false;
};

}  // namespace weir::proxy
