// `weir api-token create|list|revoke`: the tokens of the Shared Tokens API, straight in the store.
// A running server sees the change with the next request.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "store/store.h"
#include "weir/result.h"

namespace weir::proxy {

struct NewApiToken {
  std::string account = "default";
  std::string name;
  std::string permissions = "read,write";
  std::string expires;  // a time from now (`90d`); empty: never
};

/// Each writes its answer to `out`, or tells what is wrong.
std::vector<Problem> create_api_token(const Config& config, const NewApiToken& wanted,
                                      std::ostream& out);
std::vector<Problem> list_api_tokens(const Config& config, std::ostream& out);
std::vector<Problem> revoke_api_token(const Config& config, std::int32_t id, std::ostream& out);

}  // namespace weir::proxy
