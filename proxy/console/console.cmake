# The console's pages, built with npm from the lockfile and written as C++. Everything happens in a copy below the build folder: the
# checkout stays clean, and two builds do not meet. Included by proxy/CMakeLists.txt, which compiles `console_assets`. Without WEIR_CONSOLE the program has no pages and Node.js is not needed.
set(built ${CMAKE_CURRENT_BINARY_DIR}/console)
file(MAKE_DIRECTORY ${built})
if(WEIR_CONSOLE)
  if(NOT WEIR_NPM)
    message(FATAL_ERROR "WEIR_CONSOLE needs npm: install it (tests/support/setup node), or configure with -DWEIR_CONSOLE=OFF")
  endif()
  file(GLOB_RECURSE console_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/src/*)
  set(console_files package.json package-lock.json .npmrc tsconfig.json build.mjs)
  list(TRANSFORM console_files PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
  add_custom_command(
    OUTPUT ${built}/packages.stamp
    COMMAND ${CMAKE_COMMAND} -E copy ${console_files} ${built}
    COMMAND ${WEIR_NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch packages.stamp
    DEPENDS ${console_files}
    WORKING_DIRECTORY ${built}
    COMMENT "Installing the console's npm packages"
    VERBATIM)
  add_custom_command(
    OUTPUT ${built}/assets_data.cc
    COMMAND ${CMAKE_COMMAND} -E rm -rf src
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${CMAKE_CURRENT_LIST_DIR}/src src
    COMMAND ${WEIR_NPM} run --silent build
    DEPENDS ${built}/packages.stamp ${console_sources}
    WORKING_DIRECTORY ${built}
    COMMENT "Building the console"
    VERBATIM)
else()
  file(CONFIGURE OUTPUT ${built}/assets_data.cc CONTENT [[
#include "console/assets.h"
namespace weir::proxy {
std::span<const ConsoleAsset> console_assets() noexcept { return {}; }
}  // namespace weir::proxy
]])
endif()
set(console_assets ${built}/assets_data.cc)
