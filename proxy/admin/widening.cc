#include "admin/widening.h"

#include <algorithm>
#include <set>
#include <utility>

namespace weir::proxy {
namespace {

using Terms = std::set<std::pair<std::string, std::string>>;

Terms terms_of(const Access& access) {
  Terms terms;
  for (const Filter& filter : access.filters) {
    terms.emplace(filter.field, filter.value);
  }
  return terms;
}

bool contains(const Terms& outer, const Terms& inner) {
  return std::includes(outer.begin(), outer.end(), inner.begin(), inner.end());
}

bool shares(const Terms& a, const Terms& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& term) { return b.count(term) > 0; });
}

/// REQUIRES: neither is empty. Whether everything `after` lets through was let through `before`.
bool within(const Terms& after, bool after_all, const Terms& before, bool before_all) {
  // One term is the same under AND and OR; read it the way that compares best.
  if (after_all || after.size() == 1) {
    return before_all || before.size() == 1 ? contains(after, before) : shares(after, before);
  }
  return (!before_all || before.size() == 1) && contains(before, after);
}

bool later(const std::optional<Seconds>& after, const std::optional<Seconds>& before) {
  return before && (!after || *after > *before);
}

}  // namespace

bool widens(const Access& before, const Access& after, Unfiltered unfiltered) {
  if (later(after.expires_at, before.expires_at)) {
    return true;
  }
  const Terms old_terms = terms_of(before);
  const Terms new_terms = terms_of(after);
  const bool open = unfiltered == Unfiltered::kAllow;
  if (new_terms.empty()) {
    return open && !old_terms.empty();
  }
  if (old_terms.empty()) {
    return !open;
  }
  return !within(new_terms, after.filters_operator == FiltersOperator::kAnd, old_terms,
                 before.filters_operator == FiltersOperator::kAnd);
}

}  // namespace weir::proxy
