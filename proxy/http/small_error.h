// The error body of the admin listener: what both generations of clients of the published API read.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/small_handler.h"

namespace weir::proxy {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// {"message","errorCode","requestId","parameters"}. Every text must be UTF-8.
SmallResponse error_answer(int status, std::string_view code, std::string_view message,
                           std::string_view request_id, const Parameters& parameters = {});

}  // namespace weir::proxy
