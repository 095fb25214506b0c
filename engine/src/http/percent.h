// Percent-encoding, both ways, and the UTF-8 check that every decoded text passes. Knows nothing of
// paths and queries.
#pragma once

#include <string_view>

#include "base/arena.h"

namespace weir {

/// True for well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool is_utf8(std::string_view text) noexcept;

/// Decodes each `%XX` once; `plus_is_space` as in query strings. `out` is `text` itself when
/// nothing had to be decoded, arena memory otherwise. False for a bad sequence; what was decoded is
/// not checked.
bool percent_decode(std::string_view text, bool plus_is_space, Arena& arena, std::string_view& out);

/// Encodes everything but RFC 3986's unreserved characters and those in `keep`. Returns `text`
/// itself when nothing had to be encoded.
std::string_view percent_encode(std::string_view text, std::string_view keep, Arena& arena);

}  // namespace weir
