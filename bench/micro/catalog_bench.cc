// What a catalog costs: compiling a policy over it, and deciding a search whose scope is a list of
// names, by the number of indices.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "support/policy.h"
#include "weir/engine.h"

namespace weir::bench {
namespace {

constexpr std::uint32_t kTokens = 1000;

// Tokens with filters on one field over so many indices; none at all: without a catalog.
PolicySource source_over(std::int64_t indices) {
  PolicySource source;
  source.accounts.push_back({"default", {"logs-*"}});
  if (indices > 0) {
    auto catalog = std::make_shared<Catalog>();
    catalog->fields = {"team"};
    for (std::int64_t i = 0; i < indices; ++i) {
      std::string number = std::to_string(100'000 + i);
      catalog->indices.push_back({"logs-2026-" + number, "", {FieldKind::kKeyword}});
    }
    source.accounts[0].keeps_catalog = true;
    source.accounts[0].catalog = std::move(catalog);
  }
  for (std::uint32_t id = 1; id <= kTokens; ++id) {
    std::string name = std::to_string(id);
    source.tokens.push_back(support::make_token(id, name, {{"team", name}}));
  }
  return source;
}

void bench_compile(benchmark::State& state) {
  PolicySource source = source_over(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(compile_policy(source));
}

void bench_decide(benchmark::State& state) {
  auto snapshot = support::compile(source_over(state.range(0)));
  TokenDigest digest = support::digest_of("7");
  RequestView view;
  view.method = Method::kPost;
  view.target = "/logs-*/_search";
  view.content_type = "application/json";
  view.body = R"({"query":{"match":{"message":"timeout"}}})";
  view.credential = &digest;
  view.now_seconds = support::kNow;
  Workspace workspace;
  Verdict first = decide(*snapshot, view, workspace);
  if (first.outcome() != Outcome::kForward) {
    std::fprintf(stderr, "catalog_bench: error: the search is denied: %s\n",
                 std::string(deny_info(first.deny_code()).code).c_str());
    std::exit(1);
  }
  std::size_t bytes = 0;
  for (std::string_view piece : first.body()) bytes += piece.size();
  for (auto _ : state) {
    Verdict verdict = decide(*snapshot, view, workspace);
    benchmark::DoNotOptimize(verdict);
    benchmark::ClobberMemory();
  }
  state.counters["body_bytes"] = static_cast<double>(bytes);
}

BENCHMARK(bench_compile)->Arg(0)->Arg(100)->Arg(1000)->Arg(5000);
BENCHMARK(bench_decide)->Arg(0)->Arg(100)->Arg(1000)->Arg(5000);

}  // namespace
}  // namespace weir::bench

BENCHMARK_MAIN();
