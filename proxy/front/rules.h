// What a viewer may ask Dashboards for. Its pages and their files are for reading; of its API, what
// looking at a dashboard takes is listed by name, and everything else (writes, import and export,
// the console, statistics, settings, sample data, plugins unknown to us) is refused here already,
// whatever Dashboards or the gate behind it would say.
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/request.h"

namespace weir::proxy {

enum class FrontRule : std::uint8_t {
  kDeny,
  kPass,
  kCapabilities,  // pass, and make the answer say that nothing can be changed
};

/// `path` as parse_front_target() gives it. Cost: linear in the path, times the rows of a short
/// table.
FrontRule judge(Method method, std::string_view path);

}  // namespace weir::proxy
