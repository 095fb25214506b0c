// What loading returns: a value, or every problem found in one run.
//
// Loading (a configuration, a policy) has a reader who wants to mend everything at once, so it collects;
// a request has an attacker who wants one thing, so it gets a Verdict instead (verdict.h).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir {

/// One thing wrong with what was loaded. `where` is a JSON pointer or a `line:column`; `what` is lower case,
/// quotes the input in backticks and says what to do instead.
struct Problem {
  std::string where;
  std::string what;
};

/// A value or at least one problem, never both. Not thread-safe; movable if T is.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}  // NOLINT: implicit on purpose, `return value;`
  Result(std::vector<Problem> problems) : problems_(std::move(problems)) {}  // NOLINT

  bool ok() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }

  /// REQUIRES: ok().
  const T& value() const& { return *value_; }
  T&& value() && { return std::move(*value_); }

  /// Empty exactly when ok().
  const std::vector<Problem>& problems() const noexcept { return problems_; }

 private:
  std::optional<T> value_;
  std::vector<Problem> problems_;
};

}  // namespace weir
