#include "json/text.h"

#include <gtest/gtest.h>

#include "engine/dsl/golden.h"

namespace weir::test {
namespace {

TEST(JsonText, WithoutEscapesTheTextItselfIsReturned) {
  Arena arena;
  std::string_view text = "na\u00efve";
  auto decoded = decode_json_string(text, arena);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->data(), text.data());
}

TEST(JsonText, BadEscapes) {
  Arena arena;
  for (std::string_view text :
       {"\\", "a\\", "\\q", "\\u", "\\u1", "\\u123", "\\u12G4", "\\uD800", "\\uD800\\",
        "\\uD800\\n", "\\uD800\\u0041", "\\uDFFF", "\\uDBFF\\uDBFF", "\\x41", "\\0"}) {
    EXPECT_FALSE(decode_json_string(text, arena)) << text;
  }
}

TEST(JsonText, SurrogatesAtTheEdges) {
  Arena arena;
  EXPECT_EQ(decode_json_string("\\uD800\\uDC00", arena), "\U00010000");
  EXPECT_EQ(decode_json_string("\\uDBFF\\uDFFF", arena), "\U0010FFFF");
  EXPECT_EQ(decode_json_string("\\uD7FF\\uE000", arena), "\uD7FF\uE000");
  EXPECT_EQ(decode_json_string("\\u007f\\u0080\\u07ff\\u0800", arena), "\x7f\u0080\u07ff\u0800");
}

TEST(JsonText, WritingAndReadingBack) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
  all += "\u00e9\u3000\U0001F600";
  Arena arena;
  std::string_view literal = json_string(all, arena);
  EXPECT_TRUE(walk_any_text(literal).allowed);
  EXPECT_EQ(decode_json_string(literal.substr(1, literal.size() - 2), arena), all);
}

TEST(JsonText, Numbers) {
  for (std::string_view good : {"0", "-0", "10", "1.0", "1.50e-07", "1E5", "1e+5", "-12.5E10"}) {
    EXPECT_TRUE(is_json_number(good)) << good;
  }
  for (std::string_view bad : {"", "-", "+1", "01", "-01", "1.", ".1", "1.e1", "1e", "1e-", "0x1",
                               "1 ", " 1", "1a", "--1", "1..2", "1e5.5", "NaN", "Infinity"}) {
    EXPECT_FALSE(is_json_number(bad)) << bad;
  }
}

}  // namespace
}  // namespace weir::test
