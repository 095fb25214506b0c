// What a policy costs by the number of its tokens: compiling it whole, changing one token, finding
// one, and the memory of it.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "weir/policy.h"

namespace weir::bench {
namespace {

constexpr std::int64_t kTokensOfOneFilter = 1000;

TokenDigest digest_of(std::uint32_t id) {
  std::mt19937_64 random(id);  // a keyed hash is as even
  TokenDigest digest;
  for (std::uint8_t& byte : digest.bytes) byte = static_cast<std::uint8_t>(random());
  return digest;
}

PolicySource frame() {
  PolicySource source;
  source.accounts.push_back({"default", {"logs-*"}});
  return source;
}

Token token_of(std::uint32_t id, std::int64_t filters) {
  Token token;
  token.id = id;
  token.digest = digest_of(id);
  token.account = "default";
  token.filters = {{"tenant", "tenant-" + std::to_string(id % filters)}};
  token.expires_at = 2'000'000'000;
  return token;
}

// Token by token, as it is made from a store.
std::shared_ptr<const PolicySnapshot> policy_of(std::int64_t tokens, std::int64_t filters) {
  PolicyBuilder builder(frame());
  for (std::int64_t id = 1; id <= tokens; ++id) {
    builder.add(token_of(static_cast<std::uint32_t>(id), filters));
  }
  return builder.build().value();
}

std::int64_t shared_filters(std::int64_t tokens) { return tokens / kTokensOfOneFilter + 1; }

void compile(benchmark::State& state, bool own_filters) {
  const std::int64_t tokens = state.range(0);
  const std::int64_t filters = own_filters ? tokens : shared_filters(tokens);
  double bytes = 0;
  for (auto _ : state) {
    const auto before = mallinfo2();
    auto policy = policy_of(tokens, filters);
    const auto after = mallinfo2();
    bytes = static_cast<double>(after.uordblks + after.hblkhd) -
            static_cast<double>(before.uordblks + before.hblkhd);
    state.PauseTiming();
    policy.reset();
    state.ResumeTiming();
  }
  state.counters["bytes_per_token"] = bytes / static_cast<double>(tokens);
}

void bench_compile(benchmark::State& state) { compile(state, false); }
void bench_compile_own_filters(benchmark::State& state) { compile(state, true); }

// As it happens: the policy before it is freed when there is a newer one.
void bench_change(benchmark::State& state) {
  const std::int64_t tokens = state.range(0);
  auto policy = policy_of(tokens, shared_filters(tokens));
  std::mt19937 random(1);
  for (auto _ : state) {
    const auto id = static_cast<std::uint32_t>(random() % tokens + 1);
    PolicyBuilder builder(*policy);
    builder.remove(id);
    builder.add(token_of(id, shared_filters(tokens)));
    policy = builder.build().value();
  }
}

void bench_look_up(benchmark::State& state) {
  const std::int64_t tokens = state.range(0);
  const auto policy = policy_of(tokens, shared_filters(tokens));
  std::mt19937 random(1);
  std::vector<TokenDigest> wanted;
  for (int n = 0; n < 65536; ++n) {
    wanted.push_back(digest_of(static_cast<std::uint32_t>(random() % tokens + 1)));
  }
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(policy->credential_epoch(wanted[at++ % wanted.size()], 1'700'000'000));
  }
}

BENCHMARK(bench_compile)->Arg(1)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(bench_compile_own_filters)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(bench_change)->Arg(1)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(bench_look_up)->Arg(1)->Arg(10'000)->Arg(1'000'000);

}  // namespace
}  // namespace weir::bench

BENCHMARK_MAIN();
