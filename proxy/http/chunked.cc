#include "http/chunked.h"

#include <algorithm>

#include "http/text.h"

namespace weir::proxy {
namespace {

constexpr int kMaxDigits = 8;

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

// One byte outside chunk data; false when it must not stand here.
bool ChunkDecoder::take(char c) {
  switch (place_) {
    case Place::kSize: {
      int value = hex_value(c);
      if (value >= 0 && digits_ < kMaxDigits) {
        left_ = left_ * 16 + static_cast<std::uint64_t>(value);
        ++digits_;
        return true;
      }
      place_ = Place::kSizeLf;
      return c == '\r' && digits_ > 0;
    }
    case Place::kSizeLf:
      place_ = left_ == 0 ? Place::kEndCr : Place::kData;
      digits_ = 0;
      return c == '\n';
    case Place::kDataCr:
      place_ = Place::kDataLf;
      return c == '\r';
    case Place::kDataLf:
      place_ = Place::kSize;
      return c == '\n';
    case Place::kEndCr:
      place_ = Place::kEndLf;
      return c == '\r';
    case Place::kEndLf:
      place_ = Place::kDone;
      return c == '\n';
    case Place::kData:
    case Place::kDone:
    case Place::kBroken:
      return false;
  }
  return false;
}

ChunkDecoder::Step ChunkDecoder::next(std::string_view input) {
  std::size_t used = 0;
  while (place_ != Place::kDone) {
    if (used == input.size()) return {State::kMore, used, {}};
    if (place_ == Place::kData) {
      std::size_t size =
          static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - used));
      left_ -= size;
      if (left_ == 0) place_ = Place::kDataCr;
      return {State::kData, used + size, input.substr(used, size)};
    }
    if (!take(input[used])) {
      place_ = Place::kBroken;
      return {State::kMalformed, used, {}};
    }
    ++used;
  }
  return {State::kEnd, used, {}};
}

}  // namespace weir::proxy
