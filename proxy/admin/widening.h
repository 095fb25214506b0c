// Whether a change may let a token's holder see more, or see longer. Told in the answer, because
// the published contract lets a harmless-looking clean-up (deleting a filter) open everything.
#pragma once

#include <optional>
#include <vector>

#include "net/token_limits.h"
#include "store/store.h"

namespace weir::proxy {

/// What decides what a token sees: filters by content, so that swapping one filter for an equal one
/// changes nothing.
struct Access {
  std::vector<Filter> filters;
  FiltersOperator filters_operator = FiltersOperator::kAnd;
  std::optional<Seconds> expires_at;
  bool enabled = true;
  TokenLimits limits = {};
};

/// False only if nothing can become visible that was not visible before, whatever the documents
/// are.
bool widens(const Access& before, const Access& after, Unfiltered unfiltered);

}  // namespace weir::proxy
