// Decides each request of the micro benchmarks as often as it is told, and does nothing else: for counting instructions.
//
//   bench_decide_count REQUEST TIMES
#include <cstdlib>
#include <string_view>

#include "micro/requests.h"
#include "support/policy.h"
#include "weir/engine.h"

int main(int argc, char** argv) {
  using namespace weir;
  if (argc != 3) return 2;
  const auto snapshot = support::sample_snapshot();
  const TokenDigest digest = support::digest_of("payments");
  for (const bench::Request& request : bench::requests()) {
    if (request.name != std::string_view(argv[1])) continue;
    RequestView view;
    view.method = Method::kPost;
    view.target = request.target;
    view.content_type = request.content_type;
    view.body = request.body;
    view.credential = &digest;
    view.now_seconds = support::kNow;
    Workspace workspace;
    for (int left = std::atoi(argv[2]); left > 0; --left) {
      if (decide(*snapshot, view, workspace).outcome() != Outcome::kForward) return 1;
    }
    return 0;
  }
  return 2;
}
