// A verdict that forwards can be made in one place of the engine only. Case 0 shows that this file
// is otherwise good; each other case tries another way round, with no more than the public headers,
// and must be refused by the compiler.
#include <type_traits>

#include "weir/engine.h"

#if CASE == 5
#include "rewrite/verdict_builder.h"
#endif

#if CASE == 3
struct Derived : weir::Verdict {
  void open() { outcome_ = weir::Outcome::kForward; }
};
#endif

weir::Verdict make() {
  weir::Verdict verdict;
#if CASE == 1
  verdict.outcome_ = weir::Outcome::kForward;
#elif CASE == 2
  verdict = weir::Verdict{.outcome_ = weir::Outcome::kForward};
#elif CASE == 4
  auto outcome = &weir::Verdict::outcome_;
  verdict.*outcome = weir::Outcome::kForward;
#endif
  return verdict;
}

static_assert(!std::is_constructible_v<weir::Verdict, weir::Outcome>);

int main() { return make().outcome() == weir::Outcome::kDeny ? 0 : 1; }
