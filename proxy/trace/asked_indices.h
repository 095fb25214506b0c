// Which indices a request is about, for its trace.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/verdict.h"

namespace weir::proxy {

/// Names and patterns as they go upstream, where it is forwarded; otherwise as they stand in the
/// client's path. Cut to a few hundred, each to what a name may have.
std::vector<std::string> asked_indices(std::string_view client_target, const Verdict& verdict);

}  // namespace weir::proxy
