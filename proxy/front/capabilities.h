// What Dashboards says its user can do, turned into what a viewer can: its own pages then leave out
// the buttons for creating, editing and saving, and show their read-only badge.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::proxy {

/// The answer of `POST /api/core/capabilities` with every capability to change anything taken away.
/// Nothing if it is not a JSON object. Cost: linear in the answer.
std::optional<std::string> read_only_capabilities(std::string_view json);

}  // namespace weir::proxy
