// Chunked transfer coding, read strictly: sizes of 1 to 8 hexadecimal digits, CRLF, no extensions,
// no trailers. Used for requests, where another reader might see another end, and for answers,
// where a wrong end would cut or mix them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::proxy {

/// Takes the coding off as bytes arrive. Holds no bytes itself.
class ChunkDecoder {
 public:
  enum class State : std::uint8_t {
    kMore,  // give it more input
    kData,  // `data` is a piece of the body
    kEnd,   // the body is complete; the rest of the input is the next message's
    kMalformed,
  };
  struct Step {
    State state = State::kMore;
    std::size_t consumed = 0;  // bytes of the input this step has used
    std::string_view data;     // inside the input
  };

  /// One step over `input`; call again with the rest while it says kData.
  Step next(std::string_view input);

 private:
  enum class Place : std::uint8_t {
    kSize,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kEndCr,
    kEndLf,
    kDone,
    kBroken
  };
  bool take(char c);

  Place place_ = Place::kSize;
  std::uint64_t left_ = 0;
  int digits_ = 0;
};

}  // namespace weir::proxy
