// The `limits` of a token as JSON: read strictly from a request or from the store, written in one
// form.
#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>
#include <vector>

#include "net/token_limits.h"
#include "weir/result.h"

namespace weir::proxy {

/// Reads the member `limits` of a request; null and `{}` stand for none. `place` is the JSON
/// pointer to `value`, for the problems, of which there are none exactly if it was read.
std::vector<Problem> read_token_limits(const rapidjson::Value& value, const std::string& place,
                                       TokenLimits& out);

/// The text of TokenRow::limits, and what `limits` shows in an answer; empty if there are none.
std::string token_limits_json(const TokenLimits& limits);

/// What token_limits_json() has written.
Result<TokenLimits> parse_token_limits(std::string_view json);

}  // namespace weir::proxy
