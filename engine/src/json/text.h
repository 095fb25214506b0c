// JSON string literals: decoding what was read, writing what the engine says itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/json_string.h"

namespace weir {

/// The value of a string literal's inside (without the quotes, already known to hold no raw control
/// byte and valid UTF-8). Without escapes it is the input itself. Nothing for a bad escape or a
/// lone surrogate.
std::optional<std::string_view> decode_json_string(std::string_view inside, Arena& arena);

/// append_json_string into arena memory.
std::string_view json_string(std::string_view text, Arena& arena);

/// True if `lexeme` is a number as RFC 8259 writes it.
bool is_json_number(std::string_view lexeme);

}  // namespace weir
