// A reverse proxy of Boost.Beast's own parts: requests held whole, answers relayed as they come, one thread, 64 kB of buffer on each side.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <string>
#include <utility>

namespace weir::bench {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using Await = asio::use_awaitable_t<asio::io_context::executor_type>;
template <typename T>
using Task = asio::awaitable<T, asio::io_context::executor_type>;
using Socket = asio::basic_stream_socket<Tcp, asio::io_context::executor_type>;

constexpr std::size_t kBufferBytes = 64U << 10U;
constexpr std::uint64_t kMaxBody = 32U << 20U;

inline Tcp::endpoint loopback(const char* port) {
  return {asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::atoi(port))};
}

inline Task<void> relay_answer(Socket& upstream, beast::flat_buffer& buffer, Socket& client) {
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(boost::none);
  http::response_serializer<http::buffer_body> serializer(parser.get());
  std::array<char, kBufferBytes> piece;
  co_await http::async_read_header(upstream, buffer, parser, Await());
  do {
    auto& body = parser.get().body();
    if (!parser.is_done()) {
      body.data = piece.data();
      body.size = piece.size();
      beast::error_code error;
      co_await http::async_read(upstream, buffer, parser, asio::redirect_error(Await(), error));
      if (error && error != http::error::need_buffer) throw beast::system_error(error);
      body.size = piece.size() - body.size;
      body.data = piece.data();
      body.more = !parser.is_done();
    } else {
      body.data = nullptr;
      body.size = 0;
      body.more = false;
    }
    beast::error_code error;
    co_await http::async_write(client, serializer, asio::redirect_error(Await(), error));
    if (error && error != http::error::need_buffer) throw beast::system_error(error);
  } while (!parser.is_done() || !serializer.is_done());
}

template <typename Rewrite>
Task<void> serve(Socket client, Tcp::endpoint to, Rewrite rewrite) {
  Socket upstream(client.get_executor());
  co_await upstream.async_connect(to, Await());
  client.set_option(Tcp::no_delay(true));
  upstream.set_option(Tcp::no_delay(true));
  beast::flat_buffer from_client, from_upstream;
  from_client.reserve(kBufferBytes);
  from_upstream.reserve(kBufferBytes);
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kMaxBody);
    co_await http::async_read(client, from_client, parser, Await());
    auto& request = parser.get();
    if (!rewrite(request)) co_return;
    request.prepare_payload();
    co_await http::async_write(upstream, request, Await());
    co_await relay_answer(upstream, from_upstream, client);
  }
}

/// `rewrite` gets each request before it is forwarded; false ends the connection.
template <typename Rewrite>
Task<void> accept_all(asio::io_context& context, Tcp::endpoint at, Tcp::endpoint to, Rewrite rewrite) {
  asio::basic_socket_acceptor<Tcp, asio::io_context::executor_type> acceptor(context, at);
  for (;;) {
    Socket socket = co_await acceptor.async_accept(Await());
    asio::co_spawn(context, serve(std::move(socket), to, rewrite), asio::detached);
  }
}

template <typename Rewrite>
int run_proxy(int argc, char** argv, Rewrite rewrite) {
  if (argc != 3) return 2;
  asio::io_context context(1);
  asio::co_spawn(context, accept_all(context, loopback(argv[1]), loopback(argv[2]), rewrite), asio::detached);
  context.run();
  return 0;
}

}  // namespace weir::bench
