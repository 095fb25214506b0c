// The policy as one token would have it: a snapshot with a single token in it, made for a question
// of the control plane ("what would these filters show?") and dropped after it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/policy.h"
#include "weir/result.h"

namespace weir::proxy {

struct Viewpoint {
  std::shared_ptr<const PolicySnapshot> policy;
  TokenDigest credential;  // of the token in it
};

/// What a token of `account` with these filters sees; without any, everything in the account's
/// scope. `account` comes with its catalog (Publisher::account_with_catalog). Problems are those of
/// compile_policy().
Result<Viewpoint> viewpoint(const Account& account, const std::vector<Filter>& filters,
                            FiltersOperator filters_operator);

}  // namespace weir::proxy
