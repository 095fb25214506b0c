// The server: everything built in order, handed on by constructor, run until it is told to stop.
#pragma once

#include "config/load.h"

namespace weir::proxy {

/// Returns the exit code; what kept it from starting has been told on standard error, one line
/// each.
int serve(const ConfigSources& sources);

}  // namespace weir::proxy
