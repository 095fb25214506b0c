// `weir check`: everything about a configuration that can be known without starting.
#pragma once

#include <vector>

#include "config/config.h"
#include "weir/result.h"

namespace weir::proxy {

/// What load_config() cannot see: files that cannot be used, header values that cannot be sent.
std::vector<Problem> check_files(const Config& config);

}  // namespace weir::proxy
