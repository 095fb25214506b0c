#include "net/stream.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <vector>

namespace weir::proxy {
namespace {

// Buffers that one system call takes.
constexpr std::size_t kVectors = 64;

// TLS writes buffer by buffer; small pieces are put together into records of this size.
constexpr std::size_t kRecordBytes = 16U << 10U;

enum class Peek { kNothing, kData, kEnd };

Peek peek(Socket& socket) {
  char byte = 0;
  ssize_t got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0) return Peek::kData;
  if (got == 0) return Peek::kEnd;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Peek::kNothing : Peek::kEnd;
}

// What is left of `pieces` behind their first `done` bytes.
std::vector<asio::const_buffer> rest_of(std::span<const std::string_view> pieces,
                                        std::size_t done) {
  std::vector<asio::const_buffer> rest;
  rest.reserve(pieces.size());
  for (std::string_view piece : pieces) {
    const std::size_t skipped = std::min(done, piece.size());
    done -= skipped;
    piece.remove_prefix(skipped);
    if (!piece.empty()) rest.emplace_back(piece.data(), piece.size());
  }
  return rest;
}

}  // namespace

bool Stream::begin(TimePoint deadline, IoResult& result) {
  expired_ = false;
  if (aborted_) result.error = asio::error::operation_aborted;
  if (!result.error && deadline <= Clock::now()) result.error = asio::error::timed_out;
  if (result.error) return false;
  deadline_ = deadline;
  return true;
}

IoResult Stream::end(ErrorCode error, std::size_t bytes) {
  deadline_ = TimePoint::max();
  if (error == asio::error::operation_aborted && expired_ && !aborted_)
    error = asio::error::timed_out;
  return {error, bytes};
}

void Stream::tick(TimePoint now) {
  if (now >= deadline_) {
    deadline_ = TimePoint::max();
    expired_ = true;
    ErrorCode ignored;
    socket_.cancel(ignored);
  }
  if (gone_ && peek(socket_) == Peek::kEnd) {
    std::function<void()> gone = std::move(gone_);
    gone_ = nullptr;
    gone();
  }
}

void Stream::abort() {
  aborted_ = true;
  ErrorCode ignored;
  socket_.cancel(ignored);
}

void Stream::close() {
  aborted_ = true;
  ErrorCode ignored;
  socket_.close(ignored);
}

bool Stream::readable() { return !socket_.is_open() || peek(socket_) != Peek::kNothing; }

std::string Stream::remote_address() const {
  ErrorCode error;
  Tcp::endpoint endpoint = socket_.remote_endpoint(error);
  return error ? "-" : endpoint.address().to_string();
}

Task<IoResult> Stream::connect(Tcp::endpoint endpoint, TimePoint deadline) {
  IoResult result;
  if (!begin(deadline, result)) co_return result;
  auto connected = operation<ErrorCode>(
      [&](auto handler) { socket_.async_connect(endpoint, std::move(handler)); });
  auto [error] = co_await connected;
  result = end(error, 0);
  if (result.ok()) {
    ErrorCode ignored;
    socket_.set_option(Tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  }
  co_return result;
}

Task<IoResult> Stream::accept_tls(std::shared_ptr<TlsContext> context, TimePoint deadline) {
  IoResult result;
  context_ = std::move(context);
  tls_ = std::make_unique<asio::ssl::stream<Socket&>>(socket_, *context_);
  if (!begin(deadline, result)) co_return result;
  auto shaken = operation<ErrorCode>([this](auto handler) {
    tls_->async_handshake(asio::ssl::stream_base::server, std::move(handler));
  });
  auto [error] = co_await shaken;
  co_return end(error, 0);
}

Task<IoResult> Stream::connect_tls(std::shared_ptr<TlsContext> context, std::string server_name,
                                   std::string host, TimePoint deadline) {
  IoResult result;
  context_ = std::move(context);
  tls_ = std::make_unique<asio::ssl::stream<Socket&>>(socket_, *context_);
  if (!server_name.empty()) SSL_set_tlsext_host_name(tls_->native_handle(), server_name.c_str());
  if (!host.empty()) tls_->set_verify_callback(asio::ssl::host_name_verification(host));
  if (!begin(deadline, result)) co_return result;
  auto shaken = operation<ErrorCode>([this](auto handler) {
    tls_->async_handshake(asio::ssl::stream_base::client, std::move(handler));
  });
  auto [error] = co_await shaken;
  co_return end(error, 0);
}

Task<IoResult> Stream::read_some(char* data, std::size_t size, TimePoint deadline) {
  IoResult result;
  if (!begin(deadline, result)) co_return result;
  if (tls_) {
    auto reading = operation<ErrorCode, std::size_t>([&](auto handler) {
      tls_->async_read_some(asio::mutable_buffer(data, size), std::move(handler));
    });
    auto [error, bytes] = co_await reading;
    result = end(error, bytes);
  } else {
    auto reading = operation<ErrorCode, std::size_t>([&](auto handler) {
      socket_.async_read_some(asio::mutable_buffer(data, size), std::move(handler));
    });
    auto [error, bytes] = co_await reading;
    result = end(error, bytes);
  }
  co_return result;
}

// Straight to the kernel, for as long as it takes everything: nearly always there is nothing to wait
// for, and nobody else's turn between two steps of a request. False: wait for the rest.
bool Stream::write_now(std::span<const std::string_view> pieces, IoResult& result) {
  std::array<iovec, kVectors> vectors;
  std::size_t next = 0;
  while (next < pieces.size()) {
    msghdr message{};
    message.msg_iov = vectors.data();
    std::size_t wanted = 0;
    for (; next < pieces.size() && message.msg_iovlen < vectors.size(); ++next) {
      const std::string_view piece = pieces[next];
      if (piece.empty()) continue;
      vectors[message.msg_iovlen++] = {const_cast<char*>(piece.data()), piece.size()};
      wanted += piece.size();
    }
    if (wanted == 0) break;
    const int more = next < pieces.size() ? MSG_MORE : 0;
    const ssize_t sent =
        ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT | more);
    if (sent < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return false;
      result.error.assign(errno, boost::system::system_category());
      return true;
    }
    result.bytes += static_cast<std::size_t>(sent);
    if (static_cast<std::size_t>(sent) < wanted) return false;
  }
  return true;
}

Task<IoResult> Stream::write(std::span<const std::string_view> pieces, TimePoint deadline) {
  IoResult result;
  if (tls_) {
    result = co_await write_tls(pieces, deadline);
    co_return result;
  }
  if (!begin(deadline, result)) co_return result;
  bool wrote = write_now(pieces, result);
  if (wrote) {
    deadline_ = TimePoint::max();
    co_return result;
  }
  std::vector<asio::const_buffer> buffers = rest_of(pieces, result.bytes);
  auto writing = operation<ErrorCode, std::size_t>(
      [&](auto handler) { asio::async_write(socket_, buffers, std::move(handler)); });
  auto [error, bytes] = co_await writing;
  co_return end(error, result.bytes + bytes);
}

Task<IoResult> Stream::write_tls(std::span<const std::string_view> pieces, TimePoint deadline) {
  IoResult result;
  std::unique_ptr<char[]> record = std::make_unique_for_overwrite<char[]>(kRecordBytes);
  std::size_t total = 0;
  std::size_t held = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::string_view rest = pieces[i];
    bool last = i + 1 == pieces.size();
    while (!rest.empty() || (last && held != 0)) {
      std::size_t size = std::min(rest.size(), kRecordBytes - held);
      std::memcpy(record.get() + held, rest.data(), size);
      rest.remove_prefix(size);
      held += size;
      if (held < kRecordBytes && !(last && rest.empty())) break;
      if (!begin(deadline, result)) co_return result;
      auto writing = operation<ErrorCode, std::size_t>([&](auto handler) {
        asio::async_write(*tls_, asio::const_buffer(record.get(), held), std::move(handler));
      });
      auto [error, bytes] = co_await writing;
      result = end(error, bytes);
      if (!result.ok()) co_return result;
      total += bytes;
      held = 0;
    }
  }
  result.bytes = total;
  co_return result;
}

Task<IoResult> Stream::shutdown(TimePoint deadline) {
  IoResult result;
  if (!begin(deadline, result)) co_return result;
  ErrorCode error;
  if (tls_) {
    auto shutting =
        operation<ErrorCode>([this](auto handler) { tls_->async_shutdown(std::move(handler)); });
    std::tuple<ErrorCode> done = co_await shutting;
    error = std::get<0>(done);
  }
  result = end(error, 0);
  ErrorCode ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  co_return result;
}

}  // namespace weir::proxy
