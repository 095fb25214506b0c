// Gzip of any bytes in any pieces: the same result however it is cut, never much more than the cap,
// and zlib's own result when decoded in one go. The first two bytes choose the cap and the cut.
#include "http/gunzip.h"

#include <zlib.h>

#include <array>
#include <string>

#include "fuzz.h"

namespace {

using weir::fuzz::require;
using State = weir::proxy::Gunzip::State;

// Output is checked against the cap after each block of the decoder.
constexpr std::size_t kMaxOver = 64U << 10U;

struct Decoded {
  State state = State::kMore;
  std::string bytes;
};

Decoded decode(std::string_view input, std::size_t cap, std::size_t piece) {
  weir::proxy::Gunzip gunzip(cap);
  weir::proxy::ByteBuffer out;
  Decoded decoded;
  while (!input.empty()) {
    State before = decoded.state;
    decoded.state = gunzip.feed(input.substr(0, piece), out);
    require(out.size() <= cap + kMaxOver, "the cap holds");
    require((before != State::kMalformed && before != State::kTooLarge) || decoded.state == before,
            "a failure lasts");
    input.remove_prefix(std::min(piece, input.size()));
  }
  decoded.bytes = out.view();
  return decoded;
}

// One member in one go; empty optional for anything else.
bool inflate_by_zlib(std::string_view input, std::string& out) {
  z_stream stream = {};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) std::abort();
  out.resize(64U << 10U);  // above every cap
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0;
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return whole;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  std::size_t cap = std::size_t{16} << (data[0] % 12U);
  std::size_t piece = data[1] % 32U + 1;
  std::string_view input = weir::fuzz::as_text(data + 2, size - 2);
  Decoded whole = decode(input, cap, input.size());
  Decoded pieces = decode(input, cap, piece);
  require(whole.state == pieces.state, "pieces make no difference");
  std::string expected;
  bool good = inflate_by_zlib(input, expected);
  if (whole.state == State::kDone) {
    require(good && whole.bytes == expected && pieces.bytes == expected, "zlib decodes the same");
    require(expected.size() <= cap, "nothing above the cap is done");
  } else if (good) {
    require(whole.state == State::kTooLarge && expected.size() > cap,
            "good gzip is refused for its size only");
  }
  return 0;
}
