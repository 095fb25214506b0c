// What the gate would do with a request of a token's holder, without doing it.
#pragma once

#include <string>
#include <string_view>

#include "weir/engine.h"

namespace weir::proxy {

/// A request that somebody might send.
struct ExplainedRequest {
  Method method = Method::kGet;
  std::string target;
  std::string content_type;
  std::string body;
};

/// The verdict as JSON: outcome, route, token; of a refusal status, code, where, detail and reason;
/// of a forward the exact upstream request and which parts of its body were put in. Does not block.
std::string explanation_json(const PolicySnapshot& policy, const ExplainedRequest& request,
                             const TokenDigest& credential, const Sealer* sealer,
                             std::int64_t now_seconds);

}  // namespace weir::proxy
