#include "net/listener.h"

#include <sys/socket.h>

#include <new>
#include <stdexcept>
#include <string>

namespace weir::proxy {
namespace {

// Out of file descriptors or memory: others must finish first.
constexpr Millis kAcceptPause{50};

Tcp::endpoint endpoint_of(const ListenAddress& address) {
  ErrorCode error;
  asio::ip::address parsed = asio::ip::make_address(address.host, error);
  if (error)
    throw std::runtime_error("`" + address.host +
                             "` is not an IP address to listen on; write 127.0.0.1 or ::1");
  return {parsed, address.port};
}

Acceptor bind_to(asio::io_context& context, const ListenAddress& address, bool shared) {
  Tcp::endpoint endpoint = endpoint_of(address);
  Acceptor acceptor(context.get_executor());
  ErrorCode error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  int one = 1;
  if (!error && shared &&
      ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) != 0) {
    error.assign(errno, boost::system::system_category());
  }
  if (!error) acceptor.bind(endpoint, error);
  if (error) {
    throw std::runtime_error("cannot listen on `" + address.host + ":" +
                             std::to_string(address.port) + "`: " + error.message());
  }
  return acceptor;
}

}  // namespace

void check_address_free(const ListenAddress& address) {
  asio::io_context context;
  bind_to(context, address, false);
}

Acceptor listen_on(asio::io_context& context, const ListenAddress& address) {
  Acceptor acceptor = bind_to(context, address, true);
  acceptor.listen(asio::socket_base::max_listen_connections);
  return acceptor;
}

Task<void> accept_all(Acceptor* acceptor, std::function<void(Socket)> take) {
  Timer pause(acceptor->get_executor());
  while (acceptor->is_open()) {
    Socket socket(acceptor->get_executor());
    auto accepted = operation<ErrorCode>(
        [&](auto handler) { acceptor->async_accept(socket, std::move(handler)); });
    auto [error] = co_await accepted;
    if (!error) {
      ErrorCode ignored;
      socket.set_option(Tcp::no_delay(true), ignored);
      try {
        take(std::move(socket));
      } catch (const std::bad_alloc&) {
        continue;  // this connection is lost, the next one may not be
      }
      continue;
    }
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
    pause.expires_after(kAcceptPause);
    auto paused =
        operation<ErrorCode>([&](auto handler) { pause.async_wait(std::move(handler)); });
    co_await paused;
  }
}

}  // namespace weir::proxy
