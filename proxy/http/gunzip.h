// Streaming gzip decoding with a cap on what comes out, for bodies of requests and for upstream
// answers that have to be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "http/byte_buffer.h"

namespace weir::proxy {

/// Decodes one gzip member. Anything behind it is refused: it would be a second body nobody agreed
/// on. Not thread-safe.
class Gunzip {
 public:
  enum class State : std::uint8_t {
    kMore,
    kDone,       // the member is complete and its checksum is right
    kMalformed,  // not gzip, a wrong checksum, or bytes after the end
    kTooLarge,   // more than the cap comes out
  };

  explicit Gunzip(std::uint64_t max_output);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  /// Appends to `out` what `input` decodes to, a little more than the cap at most. After kMalformed
  /// or kTooLarge it stays so.
  State feed(std::string_view input, ByteBuffer& out);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  std::uint64_t room_;
  State state_ = State::kMore;
};

}  // namespace weir::proxy
