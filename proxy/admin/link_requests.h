// The body that asks for a sharing link.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "links/dashboards_url.h"
#include "weir/result.h"

namespace weir::proxy {

struct CreateLinkRequest {
  std::string name;
  std::string path;  // as parse_dashboards_url() gives it
  bool snapshot = false;
  std::optional<TimeMs> from;  // of a snapshot
  std::optional<TimeMs> to;
};

/// Everything wrong is told at once.
Result<CreateLinkRequest> parse_create_link(std::string_view body);

}  // namespace weir::proxy
