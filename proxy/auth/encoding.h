// Text forms of bytes: base64url without padding (sealed cursor ids, the key file) and lower-case
// hex (tokens). Decoding accepts exactly what encoding makes, so that one value has one name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::proxy {

using Bytes = std::span<const std::uint8_t>;

/// The bytes of a text, borrowed.
Bytes as_bytes(std::string_view text) noexcept;

/// Appends `bytes` to `out` as base64url without padding.
void append_base64url(Bytes bytes, std::string& out);

/// The bytes again; nothing for any character outside the alphabet, an impossible length or unused
/// bits that are set.
std::optional<std::string> decode_base64url(std::string_view text);

/// Lower-case hexadecimal digits.
std::string to_hex(Bytes bytes);

}  // namespace weir::proxy
