// The one table of what an account may set for itself: the keys of `[[account]]` beside `name`,
// `indices` and `upstream`, and the words `key=value` of `--account`.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/value.h"

namespace weir::proxy {

struct AccountOption {
  std::string_view key;
  /// Returns what is wrong; empty when the value has been taken.
  std::function<std::string(AccountConfig&, const Value&)> set;
};

const std::vector<AccountOption>& account_options();

/// Null if there is none of this name.
const AccountOption* find_account_option(std::string_view key);

}  // namespace weir::proxy
