// Accepts the connections of one listener on one network thread.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <functional>
#include <memory>

#include "net/io.h"
#include "net/settings.h"

namespace weir::proxy {

using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;

/// Throws std::runtime_error when nobody else may listen there too: somebody does, or the address
/// is not ours.
void check_address_free(const ListenAddress& address);

/// Binds with SO_REUSEPORT, so that every thread has its own queue. Throws std::runtime_error.
Acceptor listen_on(asio::io_context& context, const ListenAddress& address);

/// Accepts until the acceptor is closed. `take` gets each connection.
Task<void> accept_all(Acceptor* acceptor, std::function<void(Socket)> take);

}  // namespace weir::proxy
