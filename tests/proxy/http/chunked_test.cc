#include "http/chunked.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::proxy {
namespace {

// The body, then "|" and the rest of the input; "bad" or "more". The input comes in pieces of
// `step` bytes.
std::string decode(std::string_view input, std::size_t step) {
  ChunkDecoder decoder;
  std::string body;
  std::string_view piece;
  std::size_t next = 0;
  while (true) {
    ChunkDecoder::Step result = decoder.next(piece);
    piece.remove_prefix(result.consumed);
    body += result.data;
    if (result.state == ChunkDecoder::State::kMalformed) return "bad";
    if (result.state == ChunkDecoder::State::kEnd) {
      return body + "|" + std::string(piece) + std::string(input.substr(next));
    }
    if (result.state == ChunkDecoder::State::kMore) {
      EXPECT_TRUE(piece.empty());
      if (next == input.size()) return "more";
      piece = input.substr(next, step);
      next += piece.size();
    }
  }
}

TEST(ChunkDecoder, DecodesAtEverySplit) {
  std::string input = "3\r\nabc\r\n00000A\r\n0123456789\r\n0\r\n\r\nGET /";
  for (std::size_t step = 1; step <= input.size(); ++step)
    EXPECT_EQ(decode(input, step), "abc0123456789|GET /");
}

TEST(ChunkDecoder, RefusesEveryOtherForm) {
  for (const std::string_view input : {
           "\r\n",                     // no size
           "g\r\n",                    // not hexadecimal
           "-1\r\n",                   //
           "0x3\r\nabc\r\n",           //
           " 3\r\nabc\r\n",            //
           "3 \r\nabc\r\n",            //
           "3;ext=1\r\nabc\r\n",       // extension
           "3\nabc\n",                 // bare LF
           "3\r\nabcd\r\n",            // longer than said
           "3\r\nab\r\n0\r\n\r\n",     // shorter than said
           "3\r\nabc\n",               //
           "3\rabc",                   //
           "000000003\r\nabc\r\n",     // nine digits
           "fffffffff\r\n",            //
           "0\r\nTrailer: x\r\n\r\n",  // trailer
           "0\r\n\n",                  //
       }) {
    for (std::size_t step : {std::size_t{1}, std::size_t{1000}})
      EXPECT_EQ(decode(input, step), "bad") << input;
  }
}

TEST(ChunkDecoder, WaitsForTheLastByte) {
  std::string input = "3\r\nabc\r\n0\r\n\r\n";
  for (std::size_t size = 0; size < input.size(); ++size) {
    EXPECT_EQ(decode(std::string_view(input).substr(0, size), 1000), "more");
  }
}

}  // namespace
}  // namespace weir::proxy
