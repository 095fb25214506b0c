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

/// True if decode_json_string() would decode it. No backslash stands before `from`.
bool is_json_string(std::string_view inside, std::size_t from) noexcept;

/// append_json_string into arena memory.
std::string_view json_string(std::string_view text, Arena& arena);

/// The length of the longest number, as RFC 8259 writes it, that `text` begins with; 0 if it begins
/// with none, or with something that goes on as no number does (`01`, `1.`, `1e`).
std::size_t json_number_size(std::string_view text) noexcept;

/// True if `lexeme` is a number as RFC 8259 writes it.
bool is_json_number(std::string_view lexeme);

}  // namespace weir
