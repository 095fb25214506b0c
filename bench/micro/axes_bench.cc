// What decide() costs as a request, or the policy, grows along one axis: per byte of the body, so
// that a quadratic shape shows as a number that grows with the size. `linear` is the cost per byte
// at the largest size over that at the smallest.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/policy.h"
#include "weir/engine.h"

namespace weir::bench {
namespace {

// `count` times what `item` makes, with commas between.
std::string list(std::size_t count, const std::function<std::string(std::size_t)>& item) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += i == 0 ? "" : ",";
    out += item(i);
  }
  return out;
}

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

// A search for a percolated document, whose content is any JSON.
std::string document_search(const std::string& document) {
  return R"({"query":{"percolate":{"field":"query","document":)" + document + "}}}";
}

std::string keys_in_one_object(std::size_t size) {
  return document_search("{" + list(size, [](std::size_t i) {
                           return quoted("field_" + std::to_string(i * 2654435761U % 4294967291U)) +
                                  ":1";
                         }) + "}");
}

// Keys that begin and end alike.
std::string like_keys_in_one_object(std::size_t size) {
  return document_search("{" + list(size, [](std::size_t i) {
                           std::string number = std::to_string(10'000'000 + i);
                           return quoted("beginning_" + number + "_end_of_key") + ":1";
                         }) + "}");
}

std::string clauses(std::size_t size) {
  return R"({"query":{"bool":{"should":[)" + list(size, [](std::size_t i) {
           return R"({"match_phrase":{"message":{"query":"text )" + std::to_string(i) + R"("}}})";
         }) + "]}}}";
}

// Ranges are rewritten, each with two edits.
std::string ranges(std::size_t size) {
  return R"({"query":{"bool":{"filter":[)" + list(size, [](std::size_t i) {
           return R"({"range":{"latency":{"gte":)" + std::to_string(i) + "}}}";
         }) + "]}}}";
}

std::string aggregations(std::size_t size) {
  return R"({"size":0,"aggs":{)" + list(size, [](std::size_t i) {
           return quoted("a" + std::to_string(i)) + R"(:{"terms":{"field":"service"}})";
         }) + "}}";
}

std::string searches(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out += R"({"index":"logs-)" + std::to_string(i) + "\"}\n";
    out += R"({"query":{"match":{"message":")" + std::to_string(i) + "\"}}}\n";
  }
  return out;
}

std::string escapes(std::size_t size) {
  std::string text;
  while (text.size() < size) text += R"(\n\u00e9\"\\)";
  return R"({"query":{"match":{"message":")" + text + R"("}}})";
}

std::string terms(std::size_t size) {
  return R"({"query":{"terms":{"id":[)" +
         list(size, [](std::size_t i) { return quoted(std::to_string(1'000'000 + i)); }) + "]}}}";
}

// Many backslashes between strings without: each string is asked whether it has one.
std::string strings_with_and_without_escapes(std::size_t size) {
  return R"({"query":{"terms":{"id":[)" + list(size, [](std::size_t i) {
           return i % 2 == 0 ? R"("C:\\logs\\)" + std::to_string(i) + '"' : quoted("plain");
         }) + "]}}}";
}

std::string nesting(std::size_t size) {
  std::string open;
  std::string close;
  for (std::size_t i = 0; i < size; ++i) {
    open += R"({"bool":{"must":)";
    close += "}}";
  }
  return R"({"query":)" + open + R"({"match_all":{}})" + close + "}";
}

std::string body_of(std::size_t size) {
  std::string text(1000, 'x');
  std::size_t count = size / (text.size() + 3) + 1;
  return R"({"query":{"terms":{"id":[)" + list(count, [&](std::size_t) { return quoted(text); }) +
         "]}}}";
}

std::string white_space(std::size_t size) {
  return R"({"query":{"match_all":{}})" + std::string(size, ' ') + "}";
}

struct Axis {
  const char* name;
  std::string (*body)(std::size_t size);
  std::vector<std::int64_t> sizes;
};

const std::vector<Axis>& axes() {
  static const std::vector<Axis> kAxes = {
      {"keys_in_one_object", keys_in_one_object, {10, 100, 1'000, 10'000, 100'000, 500'000}},
      {"like_keys", like_keys_in_one_object, {10, 100, 1'000, 10'000, 100'000}},
      {"clauses", clauses, {1, 10, 100, 1'000}},
      {"ranges", ranges, {1, 10, 100, 1'000}},
      {"aggregations", aggregations, {1, 16, 250}},
      {"msearch_items", searches, {1, 10, 100, 200}},
      {"escapes", escapes, {100, 10'000, 1'000'000, 16'000'000}},
      {"terms", terms, {10, 1'000, 65'000}},
      {"escapes_between", strings_with_and_without_escapes, {10, 1'000, 65'000}},
      {"nesting", nesting, {1, 8, 30}},
      {"body", body_of, {1'000, 100'000, 1'000'000, 16'000'000}},
      {"white_space", white_space, {100, 100'000, 16'000'000}},
  };
  return kAxes;
}

void decide_in_loop(benchmark::State& state, const PolicySnapshot& snapshot,
                    const std::string& target, const std::string& body,
                    std::string_view secret = "payments") {
  TokenDigest digest = support::digest_of(secret);
  RequestView view;
  view.method = Method::kPost;
  view.target = target;
  view.content_type = target == "/_msearch" ? "application/x-ndjson" : "application/json";
  view.body = body;
  view.credential = &digest;
  view.now_seconds = support::kNow;
  Workspace workspace;
  Verdict first = decide(snapshot, view, workspace);
  if (first.outcome() != Outcome::kForward) {
    std::fprintf(stderr, "axes_bench: error: the search is denied: %s\n",
                 std::string(deny_info(first.deny_code()).code).c_str());
    std::exit(1);
  }
  for (auto _ : state) {
    Verdict verdict = decide(snapshot, view, workspace);
    benchmark::DoNotOptimize(verdict);
    benchmark::ClobberMemory();
  }
  auto bytes = static_cast<double>(body.size());
  state.counters["bytes"] = bytes;
  state.counters["per_byte"] = benchmark::Counter(
      bytes, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void bench_axis(benchmark::State& state, const Axis& axis) {
  auto snapshot = support::sample_snapshot();
  std::string body = axis.body(static_cast<std::size_t>(state.range(0)));
  decide_in_loop(state, *snapshot, body.ends_with('\n') ? "/_msearch" : "/logs-*/_search", body);
}

const std::string kSearch = R"({"query":{"match":{"message":"timeout"}}})";

// A token with many filters: they are compiled with the policy.
void bench_filters(benchmark::State& state) {
  PolicySource source = support::sample_source();
  std::vector<Filter> filters;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    filters.push_back({"team", "team-" + std::to_string(i)});
  }
  source.tokens.push_back(support::make_token(9, "filters", filters));
  source.tokens.back().filters_operator = FiltersOperator::kOr;
  decide_in_loop(state, *support::compile(source), "/logs-*/_search", kSearch, "filters");
}

// One token among many.
void bench_tokens(benchmark::State& state) {
  PolicySource source = support::sample_source();
  source.tokens.reserve(source.tokens.size() + static_cast<std::size_t>(state.range(0)));
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    std::string name = "other-" + std::to_string(i);
    source.tokens.push_back(
        support::make_token(static_cast<std::uint32_t>(10 + i), name, {{"team", name}}));
  }
  auto snapshot = support::compile(source);
  source = {};
  decide_in_loop(state, *snapshot, "/logs-*/_search", kSearch);
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  using namespace weir::bench;
  benchmark::Initialize(&argc, argv);
  for (const Axis& axis : axes()) {
    auto* bench = benchmark::RegisterBenchmark(
        axis.name, [&axis](benchmark::State& state) { bench_axis(state, axis); });
    for (std::int64_t size : axis.sizes) bench->Arg(size);
  }
  benchmark::RegisterBenchmark("filters", bench_filters)->Arg(1)->Arg(10)->Arg(100);
  auto* tokens = benchmark::RegisterBenchmark("tokens", bench_tokens);
  for (std::int64_t count : {1, 100, 10'000, 999'000}) tokens->Arg(count);
  benchmark::RunSpecifiedBenchmarks();
}
