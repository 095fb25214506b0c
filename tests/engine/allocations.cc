// A warm workspace decides a plain search, and each of the requests whose speed is measured, without
// a single allocation: every operator new of this program is counted.
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "micro/requests.h"
#include "support/policy.h"
#include "weir/engine.h"

namespace {
std::size_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

struct Case {
  std::string name;
  weir::Outcome outcome;
  std::string target;
  std::string body;
  std::size_t allowed;
  std::string content_type = "application/json";
};

const Case kCases[] = {
    {"no body", weir::Outcome::kForward, "/logs-*/_search", "", 0},
    {"small", weir::Outcome::kForward, "/logs-*/_search",
     R"({"query":{"match":{"message":"timeout"}},"size":20})", 0},
    {"escapes", weir::Outcome::kForward, "/logs-*/_search",
     R"({"qu\u0065ry":{"term":{"a\"b":"c\\d"}}})", 0},
    {"parameters", weir::Outcome::kForward,
     "/logs-*/_search?size=5&preference=abc&ignore_unavailable=true&timeout=5s",
     R"({"query":{"match_all":{}}})", 0},
    {"aggregations", weir::Outcome::kForward, "/logs-*/_search",
     R"({"size":0,"query":{"bool":{"filter":[{"range":{"@timestamp":{"gte":"now-1d"}}},{"term":{"a":1}}],"must_not":[{"exists":{"field":"b"}}]}},)"
     R"("aggs":{"t":{"terms":{"field":"service","size":10},"aggs":{"m":{"avg":{"field":"latency"}},"h":{"date_histogram":)"
     R"({"field":"@timestamp","fixed_interval":"1h"}}}}}})",
     0},
    {"highlight", weir::Outcome::kForward, "/logs-*/_search",
     R"({"query":{"match":{"message":"a"}},"highlight":{"fields":{"*":{}}},"sort":[{"@timestamp":"desc"}],"_source":["a","b"]})",
     0},
    {"no token", weir::Outcome::kDeny, "/logs-*/_search", "{}", 0},
    {"foreign index", weir::Outcome::kDeny, "/other/_search", "{}", 0},
    // A refusal inside the body writes its JSON pointer.
    {"denied", weir::Outcome::kDeny, "/logs-*/_search", R"({"aggs":{"a_longer_name":{"sampler":{}}}})", 2},
};

bool check(const Case& c, const weir::PolicySnapshot& snapshot, weir::Workspace& workspace) {
  weir::TokenDigest digest = weir::support::digest_of("payments");
  weir::RequestView request;
  request.method = weir::Method::kPost;
  request.target = c.target;
  request.content_type = c.content_type;
  request.body = c.body;
  request.credential = c.name == "no token" ? nullptr : &digest;
  request.now_seconds = weir::support::kNow;
  decide(snapshot, request, workspace);
  decide(snapshot, request, workspace);
  std::size_t before = allocations;
  weir::Verdict verdict = decide(snapshot, request, workspace);
  std::size_t made = allocations - before;
  bool good = made <= c.allowed && verdict.outcome() == c.outcome;
  std::printf("%-18s %zu allocations, at most %zu%s%s\n", c.name.c_str(), made, c.allowed,
              good ? "" : " FAILED", verdict.outcome() == c.outcome ? "" : ": another outcome");
  return good;
}

}  // namespace

int main() {
  auto snapshot = weir::support::sample_snapshot();
  weir::Workspace workspace;
  std::size_t before = allocations;
  delete new std::string(100, 'x');
  bool good = allocations - before == 2;  // the count itself works
  for (const Case& c : kCases) good = check(c, *snapshot, workspace) && good;
  for (const weir::bench::Request& request : weir::bench::requests()) {
    Case c{request.name, weir::Outcome::kForward, request.target,
           request.body, 0,                       request.content_type};
    good = check(c, *snapshot, workspace) && good;
  }
  return good ? 0 : 1;
}
