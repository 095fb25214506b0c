// A whole small file.
#pragma once

#include <cstddef>
#include <string>

#include "weir/result.h"

namespace weir::proxy {

/// Its bytes, or why not: missing, not readable, not a file, larger than `limit` bytes.
Result<std::string> read_file(const std::string& path, std::size_t limit);

}  // namespace weir::proxy
