// The heads Weir writes: to the client and to the upstream, each built from nothing, so that no
// byte of one side's head ever reaches the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/request.h"

namespace weir::proxy {

struct AnswerHead {
  int status = 200;
  std::string_view content_type = {};                          // none when empty
  std::optional<std::uint64_t> content_length = std::nullopt;  // else chunked, unless `bodiless`
  bool bodiless = false;  // the answer to a HEAD without a known length
  bool gzip = false;
  bool keep_alive = true;
  bool challenge = false;         // WWW-Authenticate: Bearer
  std::uint32_t retry_after = 0;  // seconds; none when 0
  std::string_view opaque_id = {};
  std::string_view request_id = {};
};

/// Appends the head with its empty line to `out`. REQUIRES: every text is free of control bytes.
void append_answer_head(const AnswerHead& head, std::string& out);

/// The client's media type for an upstream's: JSON, with the charset only if it says UTF-8. Static
/// storage.
std::string_view answer_content_type(std::string_view upstream_type) noexcept;

struct UpstreamRequestHead {
  Method method = Method::kGet;
  std::string_view path_prefix = {};
  std::string_view target = {};
  std::string_view fixed_headers = {};  // complete lines: Host, credential
  std::string_view content_type = {};   // none when empty
  std::optional<std::size_t> content_length = std::nullopt;
  bool gzip = false;  // ask for a compressed answer
  std::string_view opaque_id = {};
};

void append_upstream_head(const UpstreamRequestHead& head, std::string& out);

/// "OK" for 200 and so on; empty for a status Weir does not send.
std::string_view status_reason(int status) noexcept;

/// Appends the size line of a chunk, for instance "1f\r\n".
void append_chunk_size(std::uint64_t size, std::string& out);

}  // namespace weir::proxy
