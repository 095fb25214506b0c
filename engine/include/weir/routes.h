// The names of the routes that are served, as Verdict::route() gives them.
#pragma once

#include <span>
#include <string_view>

namespace weir {

/// In the order of the endpoints in the README. Static storage, any thread.
std::span<const std::string_view> route_names() noexcept;

}  // namespace weir
