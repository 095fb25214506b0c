// Carries bytes both ways between a client and the upstream, one connection for each, without looking at them: what Asio itself costs.
//
//   peer_forwarder PORT UPSTREAM_PORT
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <memory>

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, asio::io_context::executor_type>;
using Acceptor = asio::basic_socket_acceptor<Tcp, asio::io_context::executor_type>;

Tcp::endpoint loopback(const char* port) { return {asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::atoi(port))}; }

struct Pair : std::enable_shared_from_this<Pair> {
  Pair(Socket from, asio::io_context& context) : client(std::move(from)), upstream(context) {}

  void start(const Tcp::endpoint& to) {
    upstream.connect(to);
    client.set_option(Tcp::no_delay(true));
    upstream.set_option(Tcp::no_delay(true));
    carry(client, upstream, up);
    carry(upstream, client, down);
  }

  using Buffer = std::array<char, 64U << 10U>;

  void carry(Socket& from, Socket& to, Buffer& buffer) {
    from.async_read_some(asio::buffer(buffer), [this, self = shared_from_this(), &from, &to, &buffer](auto error, std::size_t size) {
      if (error) return close();
      asio::async_write(to, asio::buffer(buffer, size), [this, self, &from, &to, &buffer](auto failed, std::size_t) {
        if (failed) return close();
        carry(from, to, buffer);
      });
    });
  }

  void close() {
    boost::system::error_code ignored;
    client.close(ignored);
    upstream.close(ignored);
  }

  Socket client;
  Socket upstream;
  Buffer up;
  Buffer down;
};

void accept(Acceptor& acceptor, asio::io_context& context, const Tcp::endpoint& to) {
  acceptor.async_accept([&, to](auto error, Socket socket) {
    if (!error) std::make_shared<Pair>(std::move(socket), context)->start(to);
    accept(acceptor, context, to);
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  asio::io_context context(1);
  Acceptor acceptor(context, loopback(argv[1]));
  accept(acceptor, context, loopback(argv[2]));
  context.run();
}
