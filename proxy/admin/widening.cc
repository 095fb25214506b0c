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

/// No limit is the loosest.
template <typename T>
bool looser(const std::optional<T>& after, const std::optional<T>& before) {
  return before && (!after || *after > *before);
}

bool within(const Network& inner, const Network& outer) {
  return outer.prefix <= inner.prefix && outer.contains(inner.address);
}

bool looser(const TokenLimits& after, const TokenLimits& before) {
  const auto is_new_network = [&](const Network& network) {
    return std::none_of(before.networks.begin(), before.networks.end(),
                        [&](const Network& outer) { return within(network, outer); });
  };
  const auto is_new_referrer = [&](const std::string& origin) {
    return std::find(before.referrers.begin(), before.referrers.end(), origin) ==
           before.referrers.end();
  };
  const bool from_elsewhere =
      !before.networks.empty() &&
      (after.networks.empty() ||
       std::any_of(after.networks.begin(), after.networks.end(), is_new_network));
  const bool by_others =
      !before.referrers.empty() &&
      (after.referrers.empty() ||
       std::any_of(after.referrers.begin(), after.referrers.end(), is_new_referrer));
  return looser(after.requests_per_second, before.requests_per_second) ||
         looser(after.concurrent_searches, before.concurrent_searches) ||
         looser(after.response_bytes, before.response_bytes) || from_elsewhere || by_others;
}

}  // namespace

bool widens(const Access& before, const Access& after, Unfiltered unfiltered) {
  if (!after.enabled || !before.enabled) {
    return after.enabled;
  }
  if (looser(after.limits, before.limits)) {
    return true;
  }
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
