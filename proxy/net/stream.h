// A byte stream to one peer, plain or TLS, where every wait has a deadline.
#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/io.h"
#include "net/ticker.h"
#include "net/tls.h"

namespace weir::proxy {

/// One operation at a time. Belongs to one network thread; must be destroyed before its io_context.
class Stream final : public Ticker::Member {
 public:
  Stream(Ticker& ticker, Socket socket) : Member(ticker), socket_(std::move(socket)) {}

  Task<IoResult> connect(Tcp::endpoint endpoint, TimePoint deadline);
  Task<IoResult> accept_tls(std::shared_ptr<TlsContext> context, TimePoint deadline);
  /// `host` is what the certificate must name; empty: no check.
  Task<IoResult> connect_tls(std::shared_ptr<TlsContext> context, std::string server_name,
                             std::string host, TimePoint deadline);

  /// At the peer's clean end: error::eof.
  Task<IoResult> read_some(char* data, std::size_t size, TimePoint deadline);
  /// All of `pieces` (which must stay valid) or an error.
  Task<IoResult> write(std::span<const std::string_view> pieces, TimePoint deadline);
  /// Says that nothing more will be written.
  Task<IoResult> shutdown(TimePoint deadline);

  /// Fails the operation under way and every later one with operation_aborted.
  void abort();
  bool aborted() const noexcept { return aborted_; }
  void close();

  /// True if the peer has sent something or gone away: then a kept connection cannot be used again.
  bool readable();

  /// `gone` is called once, from the ticker, when the peer closes while nothing is read. Null
  /// switches it off.
  void watch_peer(std::function<void()> gone) { gone_ = std::move(gone); }

  std::string remote_address() const;

 private:
  void tick(TimePoint now) override;
  bool begin(TimePoint deadline, IoResult& result);
  IoResult end(ErrorCode error, std::size_t bytes);
  bool write_now(std::span<const std::string_view> pieces, IoResult& result);
  Task<IoResult> write_tls(std::span<const std::string_view> pieces, TimePoint deadline);

  Socket socket_;
  std::shared_ptr<TlsContext> context_;
  std::unique_ptr<asio::ssl::stream<Socket&>> tls_;
  TimePoint deadline_ = TimePoint::max();
  std::function<void()> gone_;
  bool expired_ = false;
  bool aborted_ = false;
};

}  // namespace weir::proxy
