// As much HTTP/1.1 as the benchmark's own programs need. They talk to each other and to proxies that are known, so nothing here
// is strict: this is no parser for hostile bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::bench {

/// Bytes of the head at the front of `bytes`, with its empty line; 0 as long as it is not whole.
std::size_t head_size(std::string_view bytes);

/// The value of a header line of `head`, without spaces around it; nullopt if there is none. `name` is in lower case.
std::optional<std::string_view> header(std::string_view head, std::string_view name);

/// Content-Length of `head`; nullopt if it has none.
std::optional<std::size_t> content_length(std::string_view head);

/// Follows the messages on one connection: where each ends, whatever its framing.
class MessageReader {
 public:
  /// Takes bytes as they come. False if this is not HTTP; afterwards the connection is of no use. Bytes behind the end of
  /// a message are an error, too: nothing here pipelines. With `body`, what is in the framing is appended there.
  bool take(std::string_view bytes, std::string* body = nullptr);

  bool done() const { return state_ == State::kDone; }
  /// The head, once it is whole.
  const std::string& head() const { return head_; }
  /// 0 for a request.
  int status() const { return status_; }
  /// Bytes of the body so far, without the framing.
  std::size_t body_bytes() const { return body_bytes_; }

  void reset();

 private:
  enum class State { kHead, kBody, kChunkSize, kChunkEnd, kTrailer, kDone };

  bool take_head(std::string_view& bytes);
  bool take_line(std::string_view& bytes);

  State state_ = State::kHead;
  bool chunked_ = false;
  int status_ = 0;
  std::size_t left_ = 0;  // of the body, or of the chunk
  std::size_t body_bytes_ = 0;
  std::string head_;
  std::string line_;  // not whole yet
};

/// Nanoseconds of the steady clock.
std::int64_t now_ns();

/// A socket, bound to a port of loopback and listening; does not block. Ends the program if it cannot be had.
int listen_on(std::uint16_t port);

/// A connected socket to a port of loopback, without Nagle's delay; does not block. -1 if nobody listens.
int connect_to(std::uint16_t port);

/// No delay for small writes.
void set_no_delay(int fd);

/// Ends the program with a message.
[[noreturn]] void fail(std::string_view what);

/// The bytes of a file. Ends the program if it cannot be read.
std::string read_file(const std::string& path);

}  // namespace weir::bench
