// What the command line asked for. Each group of commands adds itself to the program and, when one
// of its commands has been given, puts the work here.
#pragma once

#include <functional>

namespace weir::proxy {

/// Returns the exit code.
using Chosen = std::function<int()>;

}  // namespace weir::proxy
