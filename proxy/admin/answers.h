// The bodies the Shared Tokens API answers with, in their published shapes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/secret.h"
#include "store/store.h"

namespace weir::proxy {

/// One shared token as it is shown.
struct ShownToken {
  TokenRow row;
  Secret secret;
  std::optional<bool> widened;             // shown when set
  std::vector<std::string> warnings = {};  // shown when there are any
};

std::string token_json(const ShownToken& token);
std::string tokens_json(const std::vector<ShownToken>& tokens);
std::string filter_json(const FilterRow& filter, const std::vector<std::string>& warnings = {});
std::string filters_json(const std::vector<FilterRow>& filters);

}  // namespace weir::proxy
