// The two media types a body may have.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

enum class MediaType : std::uint8_t { kOther, kJson, kNdjson };

/// Reads a Content-Type value: `application/json` or `application/x-ndjson`, without parameters or with `charset=utf-8`.
/// OpenSearch ignores the charset and detects the encoding; a request that promises another one is refused.
MediaType parse_media_type(std::string_view value) noexcept;

}  // namespace weir
