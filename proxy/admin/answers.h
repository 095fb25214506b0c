// The bodies the Shared Tokens API answers with, in their published shapes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/secret.h"
#include "http/small_handler.h"
#include "store/store.h"

namespace weir::proxy {

/// One shared token as it is shown.
struct ShownToken {
  TokenRow row;
  Secret secret;
  std::optional<bool> widened;  // shown when set
};

std::string token_json(const ShownToken& token);
std::string tokens_json(const std::vector<ShownToken>& tokens);
std::string filter_json(const FilterRow& filter);
std::string filters_json(const std::vector<FilterRow>& filters);

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// {"message","errorCode","requestId","parameters"}: what both generations of clients of the
/// published API read.
SmallResponse error_answer(int status, std::string_view code, std::string_view message,
                           std::string_view request_id, const Parameters& parameters = {});

}  // namespace weir::proxy
