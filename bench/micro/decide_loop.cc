// decide() for one of the measured requests, so many times: for callgrind, whose counts do not
// depend on what else the machine does (bench/instructions).
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "micro/requests.h"
#include "support/policy.h"
#include "weir/engine.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("decide_loop: error: usage: decide_loop REQUEST COUNT\n", stderr);
    return 2;
  }
  auto snapshot = weir::support::sample_snapshot();
  weir::TokenDigest digest = weir::support::digest_of("payments");
  for (const weir::bench::Request& request : weir::bench::requests()) {
    if (request.name != argv[1]) continue;
    weir::RequestView view;
    view.method = weir::Method::kPost;
    view.target = request.target;
    view.content_type = request.content_type;
    view.body = request.body;
    view.credential = &digest;
    view.now_seconds = weir::support::kNow;
    weir::Workspace workspace;
    for (int i = std::atoi(argv[2]); i > 0; --i) {
      if (decide(*snapshot, view, workspace).outcome() == weir::Outcome::kForward) continue;
      std::fprintf(stderr, "decide_loop: error: %s is denied\n", argv[1]);
      return 1;
    }
    return 0;
  }
  std::fprintf(stderr, "decide_loop: error: there is no request %s\n", argv[1]);
  return 2;
}
