// decide() beside simdjson's own parse of the same bytes, in the same run: what deciding and
// rewriting costs over reading alone. A warm workspace, as a connection has; the policy holds a
// thousand tokens.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "micro/requests.h"
#include "micro/simdjson_walk.h"
#include "support/policy.h"
#include "weir/engine.h"

namespace weir::bench {
namespace {

std::shared_ptr<const PolicySnapshot> policy() {
  PolicySource source = support::sample_source();
  for (std::uint32_t id = 10; id < 1010; ++id) {
    source.tokens.push_back(
        support::make_token(id, "other-" + std::to_string(id), {{"team", std::to_string(id)}}));
  }
  return support::compile(source);
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "decide_bench: error: %s\n", what.c_str());
  std::exit(1);
}

void bench_decide(benchmark::State& state, const Request& request,
                  const std::shared_ptr<const PolicySnapshot>& snapshot) {
  TokenDigest digest = support::digest_of("payments");
  RequestView view;
  view.method = Method::kPost;
  view.target = request.target;
  view.content_type = request.content_type;
  view.body = request.body;
  view.credential = &digest;
  view.now_seconds = support::kNow;
  Workspace workspace;
  Verdict first = decide(*snapshot, view, workspace);
  if (first.outcome() != Outcome::kForward) {
    std::string why;
    append_error_body(first.deny_code(), first.deny_path(), first.deny_detail(), why);
    fail(request.name + " is denied: " + why);
  }
  for (auto _ : state) {
    Verdict verdict = decide(*snapshot, view, workspace);
    benchmark::DoNotOptimize(verdict);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * request.body.size()));
}

void bench_dom(benchmark::State& state, const Request& request) {
  SimdjsonTexts texts(request.body);
  if (!texts.dom()) fail(request.name + " is not parsed by simdjson");
  for (auto _ : state) benchmark::DoNotOptimize(texts.dom());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * request.body.size()));
}

void bench_ondemand(benchmark::State& state, const Request& request) {
  SimdjsonTexts texts(request.body);
  if (texts.ondemand() == 0) fail(request.name + " is not walked by simdjson");
  for (auto _ : state) benchmark::DoNotOptimize(texts.ondemand());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * request.body.size()));
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  using namespace weir::bench;
  benchmark::Initialize(&argc, argv);
  benchmark::AddCustomContext("simdjson_kernel", std::string(simdjson_kernel()));
  auto all = requests();
  auto snapshot = policy();
  for (const Request& request : all) {
    std::string bytes = std::to_string(request.body.size());
    benchmark::RegisterBenchmark((request.name + "/decide/" + bytes).c_str(),
                                 [&](benchmark::State& s) { bench_decide(s, request, snapshot); });
    benchmark::RegisterBenchmark((request.name + "/dom/" + bytes).c_str(),
                                 [&](benchmark::State& s) { bench_dom(s, request); });
    benchmark::RegisterBenchmark((request.name + "/ondemand/" + bytes).c_str(),
                                 [&](benchmark::State& s) { bench_ondemand(s, request); });
  }
  benchmark::RunSpecifiedBenchmarks();
}
