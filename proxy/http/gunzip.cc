#include "http/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace weir::proxy {
namespace {
constexpr int kGzipOnly = 15 + 16;  // the largest window; the gzip wrapper and no other
constexpr std::size_t kOutputPiece = 16U << 10U;
}  // namespace

struct Gunzip::Stream {
  z_stream z{};
};

Gunzip::Gunzip(std::uint64_t max_output) : stream_(std::make_unique<Stream>()), room_(max_output) {
  if (inflateInit2(&stream_->z, kGzipOnly) != Z_OK) throw std::bad_alloc();
}

Gunzip::~Gunzip() { inflateEnd(&stream_->z); }

Gunzip::State Gunzip::feed(std::string_view input, ByteBuffer& out) {
  z_stream& z = stream_->z;
  if (state_ == State::kDone && !input.empty()) state_ = State::kMalformed;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  z.avail_in = static_cast<uInt>(input.size());
  // A full output piece may hide more output even when the input is used up.
  bool more = !input.empty();
  while (state_ == State::kMore && more) {
    z.next_out = reinterpret_cast<Bytef*>(out.prepare(kOutputPiece));
    z.avail_out = kOutputPiece;
    int result = inflate(&z, Z_NO_FLUSH);
    std::size_t size = kOutputPiece - z.avail_out;
    out.commit(size);
    if (size > room_) {
      state_ = State::kTooLarge;
    } else if (result == Z_STREAM_END) {
      state_ = z.avail_in == 0 ? State::kDone : State::kMalformed;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      state_ = State::kMalformed;
    }
    room_ -= std::min<std::uint64_t>(room_, size);
    more = z.avail_in != 0 || z.avail_out == 0;
  }
  return state_;
}

}  // namespace weir::proxy
