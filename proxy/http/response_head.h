// The head of an upstream answer, as strict as the head of a request: what cannot be framed without
// doubt is refused, for a wrong end of one answer would be the beginning of somebody else's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/head_guard.h"

namespace weir::proxy {

enum class ResponseEncoding : std::uint8_t { kIdentity, kGzip };

struct ResponseHead {
  int status = 0;
  BodyFraming framing = BodyFraming::kNone;  // kNone only where no body can follow
  std::uint64_t content_length = 0;          // for kLength
  bool keep_alive = true;
  ResponseEncoding encoding = ResponseEncoding::kIdentity;
  std::string content_type;  // empty when absent
  std::string etag;          // the same
};

/// As below, into a head that has its memory already; false where that gives nothing.
bool parse_response_head(std::string_view bytes, bool to_head, ResponseHead& head);

/// `bytes` is one head through its empty line; `to_head` that the request was a HEAD. Nothing when
/// it is not HTTP/1.1, has no or more than one framing, or a coding that was not asked for.
std::optional<ResponseHead> parse_response_head(std::string_view bytes, bool to_head);

/// True for `application/json` with or without parameters.
bool is_json(std::string_view content_type) noexcept;

}  // namespace weir::proxy
