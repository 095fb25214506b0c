// The pages of the console, as files in the program itself. They are the same for everybody and
// hold nothing: what they show comes from the API, with the session of whoever looks.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "http/small_handler.h"

namespace weir::proxy {

struct ConsoleAsset {
  std::string_view path;  // below `/console/`; empty: the page itself
  std::string_view content_type;
  bool immutable;  // its name changes with its content
  std::string_view plain;
  std::string_view gzipped;  // empty: not worth it
};

/// All of them; none where the program was built without the console. Static storage.
std::span<const ConsoleAsset> console_assets() noexcept;

/// Whether console_page() answers for this path: `/console`, and all below it but the sessions,
/// which are the API's.
bool is_console_page(std::string_view path) noexcept;

/// The answer to GET and HEAD. Any thread.
SmallResponse console_page(std::string_view path, bool accepts_gzip);

}  // namespace weir::proxy
