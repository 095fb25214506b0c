#include "front/assets.h"

#include <array>

namespace weir::proxy {
namespace {

constexpr std::string_view kScript = "text/javascript; charset=utf-8";

constexpr std::array kAssets = {
    Asset{"viewer.html", "text/html; charset=utf-8",
#include "front/viewer.html.inc"
          , true},
    Asset{"viewer.css", "text/css; charset=utf-8",
#include "front/viewer.css.inc"
          , false},
    Asset{"viewer.js", kScript,
#include "front/viewer.js.inc"
          , false},
    Asset{"marker.js", kScript,
#include "front/marker.js.inc"
          , false},
};

}  // namespace

std::span<const Asset> front_assets() noexcept { return kAssets; }

}  // namespace weir::proxy
