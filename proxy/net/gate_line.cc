#include "net/gate_line.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "net/gate_session.h"
#include "net/launch.h"

namespace weir::proxy {
namespace {

// Both ends of a pair of connected sockets; the family does not matter to reads and writes.
bool make_pair(Socket& near, Socket& far) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
  ErrorCode failed;
  near.assign(Tcp::v4(), ends[0], failed);
  if (failed) {
    ::close(ends[0]);
    ::close(ends[1]);
    return false;
  }
  far.assign(Tcp::v4(), ends[1], failed);
  if (failed) ::close(ends[1]);
  return !failed;
}

}  // namespace

std::unique_ptr<UpstreamConnection> open_gate_line(Worker& worker, std::string remote) {
  SharedState& shared = worker.shared;
  if (shared.gate_connections.fetch_add(1) >= shared.settings.gate.limits.max_connections) {
    shared.gate_connections.fetch_sub(1);
    return nullptr;
  }
  Socket near(worker.context.get_executor());
  Socket far(worker.context.get_executor());
  if (!make_pair(near, far)) {
    shared.gate_connections.fetch_sub(1);
    return nullptr;
  }
  launch(worker, std::make_shared<GateSession>(worker, std::move(far), std::move(remote)));
  return std::make_unique<UpstreamConnection>(worker.ticker, std::move(near));
}

}  // namespace weir::proxy
