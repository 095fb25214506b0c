// `weir explain`: the verdict on one request, without a network: what the gate would refuse and
// why, or what it would send upstream.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "config/config.h"
#include "weir/result.h"

namespace weir::proxy {

struct ExplainOptions {
  std::string file;                  // a raw HTTP/1.1 request; `-` is standard input
  std::vector<std::string> filters;  // `field=value`
  bool any = false;                  // OR instead of AND
  std::string policy_file;           // JSON for weir::load_policy, instead of filters
  std::uint32_t token_id =
      0;  // of the policy or the store; 0: the first of the policy, or whom the request presents
  bool from_store = false;  // the tokens of the configured store
};

/// Writes the explanation to `out`. Problems are told and nothing is written.
std::vector<Problem> explain(const ExplainOptions& options, const Config& config,
                             std::ostream& out);

}  // namespace weir::proxy
