// The front's own files, which are part of the program.
#pragma once

#include <span>
#include <string_view>

namespace weir::proxy {

struct Asset {
  std::string_view name;
  std::string_view content_type;
  std::string_view text;
  bool page = false;  // served as the viewer, to those with a link
};

std::span<const Asset> front_assets() noexcept;

}  // namespace weir::proxy
