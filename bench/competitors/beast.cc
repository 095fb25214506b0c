// Passes every request on with Boost.Beast: parses and serialises HTTP, does not look at bodies.
//
//   peer_beast PORT UPSTREAM_PORT
#include "competitors/beast_proxy.h"

int main(int argc, char** argv) {
  return weir::bench::run_proxy(argc, argv, [](auto&) { return true; });
}
