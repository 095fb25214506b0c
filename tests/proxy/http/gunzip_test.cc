#include "http/gunzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace weir::proxy {
namespace {

std::string gzip(std::string_view text) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

Gunzip::State decode(std::string_view input, std::uint64_t cap, std::size_t step,
                     std::string& text) {
  Gunzip gunzip(cap);
  ByteBuffer out;
  Gunzip::State state = Gunzip::State::kMore;
  for (std::size_t at = 0; at < input.size(); at += step)
    state = gunzip.feed(input.substr(at, step), out);
  text = out.view();
  return state;
}

TEST(Gunzip, DecodesAtEverySplit) {
  std::string packed = gzip("hello, hello, hello");
  std::string text;
  for (std::size_t step = 1; step <= packed.size(); ++step) {
    EXPECT_EQ(decode(packed, 19, step, text), Gunzip::State::kDone);
    EXPECT_EQ(text, "hello, hello, hello");
  }
}

TEST(Gunzip, DecodesMoreThanOnePieceOfOutput) {
  std::string plain;
  for (int i = 0; i < 100000; ++i) plain += std::to_string(i);
  std::string text;
  EXPECT_EQ(decode(gzip(plain), plain.size(), 1000, text), Gunzip::State::kDone);
  EXPECT_EQ(text, plain);
  EXPECT_EQ(decode(gzip(plain), plain.size(), 10000000, text), Gunzip::State::kDone);
  EXPECT_EQ(text, plain);
}

TEST(Gunzip, StopsABombAtTheCap) {
  std::string text;
  EXPECT_EQ(decode(gzip(std::string(50 << 20, '0')), 1 << 20, 1 << 20, text),
            Gunzip::State::kTooLarge);
  EXPECT_LT(text.size(), (1u << 20) + (64u << 10));
  EXPECT_EQ(decode(gzip("12345"), 4, 100, text), Gunzip::State::kTooLarge);
}

TEST(Gunzip, RefusesWhatIsNotOneMember) {
  std::string text;
  std::string packed = gzip("hello");
  EXPECT_EQ(decode(packed + "x", 100, 1000, text), Gunzip::State::kMalformed);
  EXPECT_EQ(decode(packed + "x", 100, 1, text), Gunzip::State::kMalformed);
  EXPECT_EQ(decode(packed + packed, 100, 1000, text), Gunzip::State::kMalformed);
  EXPECT_EQ(decode("{\"query\":{}}", 100, 1000, text), Gunzip::State::kMalformed);
  EXPECT_EQ(decode(packed.substr(0, packed.size() - 1), 100, 1000, text), Gunzip::State::kMore);
  std::string flipped = packed;
  flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1);
  EXPECT_EQ(decode(flipped, 100, 1000, text), Gunzip::State::kMalformed);
  EXPECT_EQ(decode("\x78\x9c\x03\x00\x00\x00\x00\x01", 100, 1000, text),
            Gunzip::State::kMalformed);  // zlib, not gzip
}

}  // namespace
}  // namespace weir::proxy
