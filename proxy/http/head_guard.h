// The first door: the raw bytes of a request head in, a value or a reason out. It accepts one
// strict form of HTTP/1.1, so that no other reader of the same bytes could have read them
// otherwise: CRLF lines, one Host, one framing, origin-form target, no folding, no upgrade. Nothing
// of a head is ever forwarded, so the guard has to be right only about where the request ends and
// whom it is from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "weir/request.h"
#include "weir/verdict.h"

namespace weir::proxy {

struct HeadLimits {
  std::size_t max_bytes = 16U << 10U;  // with the closing empty line
  std::size_t max_headers = 64;
  bool upgrades = false;  // whether `Upgrade: websocket` may be asked for
};

enum class BodyFraming : std::uint8_t { kNone, kLength, kChunked };

/// A checked request head. Owns a copy of its bytes; moving it keeps the views valid. The copy is
/// wiped at the end, for it holds the credential.
class RequestHead {
 public:
  using Header = std::pair<std::string_view,
                           std::string_view>;  // name in lower case; value without outer blanks

  RequestHead() = default;
  explicit RequestHead(std::string_view bytes) { assign(bytes); }
  RequestHead(RequestHead&& other) noexcept;
  RequestHead& operator=(RequestHead&& other) noexcept;
  ~RequestHead();

  Method method = Method::kGet;
  std::string_view target;  // origin form, visible ASCII, still percent-encoded
  std::vector<Header> headers;

  BodyFraming framing = BodyFraming::kNone;
  std::uint64_t content_length = 0;  // for kLength
  bool gzip_body = false;
  bool expect_continue = false;
  bool keep_alive = true;
  bool upgrade = false;  // asks to go on as a WebSocket; only where that is allowed
  bool accepts_gzip = false;
  std::string_view content_type;  // empty when absent
  std::string_view opaque_id;     // empty unless 1 to 128 visible ASCII characters
  std::optional<std::string_view> authorization;
  std::optional<std::string_view> shared_token;

  /// As if it were made anew of `bytes`, in the memory that it has.
  void assign(std::string_view bytes);
  /// Overwrites the copy; the views are worth nothing any more.
  void wipe() noexcept;

  /// The copy the views point into, for the parser.
  char* bytes() noexcept { return bytes_.get(); }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

/// Where a head ends in bytes that arrive bit by bit.
class HeadScanner {
 public:
  enum class State : std::uint8_t { kMore, kComplete, kMalformed };

  /// `bytes` is everything since the head's first byte. Cost: linear in what is new since the last
  /// call. kMalformed as soon as no continuation could be a head (a bare LF, a control byte).
  State scan(std::string_view bytes);

  /// Bytes of the head with its empty line. REQUIRES: the last scan() said kComplete.
  std::size_t head_bytes() const noexcept { return seen_; }

 private:
  std::size_t seen_ = 0;
  std::size_t line_ = 0;  // bytes of the current line so far
  bool cr_ = false;
};

/// `bytes` is one head through its empty line, and becomes `head`; or what is wrong with it. Never
/// throws but std::bad_alloc.
std::optional<DenyCode> parse_request_head(std::string_view bytes, const HeadLimits& limits,
                                           RequestHead& head);
std::variant<RequestHead, DenyCode> parse_request_head(std::string_view bytes,
                                                       const HeadLimits& limits = {});

}  // namespace weir::proxy
