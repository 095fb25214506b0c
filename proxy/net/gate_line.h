// A line to the gate from inside the program, for the front's own pages: a request on it is served
// by the very session that serves a token holder's, so nothing is decided twice. No port, no TLS.
#pragma once

#include <memory>
#include <string>

#include "net/upstream.h"
#include "net/worker.h"

namespace weir::proxy {

/// `remote` is the address the gate takes the requests to come from. Null if the gate has too many
/// connections or the system none to give. The worker's own thread; serves one connection of the
/// gate until the returned end is closed.
std::unique_ptr<UpstreamConnection> open_gate_line(Worker& worker, std::string remote);

}  // namespace weir::proxy
