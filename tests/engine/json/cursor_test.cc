// Reading JSON: exactly RFC 8259, and nothing that only some parsers take. The walk's skip() is the
// reader here, because it reads every byte.
#include "json/cursor.h"

#include <gtest/gtest.h>

#include "engine/dsl/golden.h"

namespace weir::test {
namespace {

bool is_json(std::string_view text) { return walk_any_text(text).allowed; }

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Json, WhatRfc8259Allows) {
  for (std::string_view text : {
           "{}",
           "[]",
           " \t\r\n{ \t\r\n} \t\r\n",
           "null",
           "true",
           "false",
           "\"\"",
           "0",
           "-0",
           "-1.5e+10",
           "1E400",
           "123456789012345678901234567890",
           R"({"a":[1,"x",null,true,false,{"b":{}},[]]})",
           R"("\"\\\/\b\f\n\r\t\u0000\uD83D\uDE00")",
           "\"\u00e9\u3000\U0001F600\x7f\"",
           R"({"":""})",
           R"({"a":1,"A":2})",
       }) {
    EXPECT_TRUE(is_json(text)) << text;
  }
}

TEST(Json, WhatItDoesNot) {
  for (std::string_view text : {
           "",
           " ",
           "{",
           "}",
           "[",
           "]",
           "[}",
           "{]",
           "{}}",
           "[]]",
           "[1,]",
           "[,1]",
           "[,]",
           "[1,,2]",
           "[1 2]",
           "{,}",
           R"({"a":1,})",
           R"({,"a":1})",
           R"({"a"})",
           R"({"a":})",
           R"({"a" 1})",
           R"({"a"::1})",
           R"({"a":1 "b":2})",
           R"({"a":1;"b":2})",
           R"({a:1})",
           R"({'a':1})",
           R"({1:1})",
           R"({null:1})",
           R"({"a":1}{"a":1})",
           R"({"a":1} x)",
           "1 2",
           "\"a\"x",
           "\"a\"\"b\"",
           "\"a\" \"b\"",
           "[\"a\"x]",
           "[\"a\"1]",
           "[1\"x\"]",
           "[tru\"e\"]",
           "[\"a\"\"b\"]",
           "nul",
           "nulll",
           "True",
           "TRUE",
           "NaN",
           "Infinity",
           "-Infinity",
           "undefined",
           "01",
           "-01",
           "00",
           "+1",
           ".5",
           "1.",
           "1.e5",
           "1e",
           "1e+",
           "-",
           "--1",
           "0x1",
           "1_000",
           "1f",
           "1,5",
           "{\"a\":1}/* c */",
           "/* c */{}",
           "{/**/}",
           "{}//",
           "# c\n{}",
           "\"a",
           "a\"",
           "\"a\nb\"",
           "\"a\tb\"",
           "\"\x01\"",
           R"("\x41")",
           R"("\u12")",
           R"("\u12g4")",
           R"("\U0041")",
           R"("\'")",
           R"("\)",
           R"(["\"])",
           R"(\"a")",
           R"([\"a"])",
           R"([1\n])",
           R"("\uD800")",
           R"("\uDC00")",
           R"("\uD800\u0041")",
           R"("\uD800x")",
           R"({"\uD800":1})",
       }) {
    EXPECT_FALSE(is_json(text)) << text;
  }
}

// Some parsers take these for white space.
TEST(Json, WhiteSpaceIsFourCharacters) {
  for (std::string_view space : {"\f", "\v", "\x1a", "\x1e", "\x85", "\u00a0", "\u2028", "\u3000",
                                 "\ufeff", "\x01", "\x7f"}) {
    std::string between(space);
    EXPECT_FALSE(is_json(between + "{}")) << static_cast<int>(space[0]);
    EXPECT_FALSE(is_json("{}" + between)) << static_cast<int>(space[0]);
    EXPECT_FALSE(is_json("{" + between + "}")) << static_cast<int>(space[0]);
    EXPECT_FALSE(is_json("[1" + between + ",2]")) << static_cast<int>(space[0]);
    EXPECT_FALSE(is_json("[1," + between + "2]")) << static_cast<int>(space[0]);
    EXPECT_FALSE(is_json("[1" + between + "2]")) << static_cast<int>(space[0]);
    EXPECT_FALSE(is_json("{\"a\"" + between + "1}")) << static_cast<int>(space[0]);
    EXPECT_FALSE(is_json("{\"a\":" + between + "1}")) << static_cast<int>(space[0]);
  }
  EXPECT_FALSE(is_json(std::string_view("{\0}", 3)));
  EXPECT_FALSE(is_json(std::string_view("{}\0", 3)));
  EXPECT_FALSE(is_json(std::string_view("\"\0\"", 3)));
}

TEST(Json, EveryByteOutsideStrings) {
  for (int byte = 0; byte < 256; ++byte) {
    std::string text = "[1" + std::string(1, static_cast<char>(byte)) + "]";
    bool good =
        (byte >= '0' && byte <= '9') || byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
    EXPECT_EQ(is_json(text), good) << byte;
  }
}

TEST(Json, Encoding) {
  EXPECT_EQ(walk_any_text("\xEF\xBB\xBF{}").code, "body.encoding");
  EXPECT_EQ(walk_any_text("\"\xC1\xA1\"").code, "body.encoding");          // overlong
  EXPECT_EQ(walk_any_text("\"\xED\xA0\x80\"").code, "body.encoding");      // a surrogate
  EXPECT_EQ(walk_any_text("\"\xF4\x90\x80\x80\"").code, "body.encoding");  // beyond U+10FFFF
  EXPECT_EQ(walk_any_text("\"\xE2\x82\"").code, "body.encoding");          // cut
  EXPECT_EQ(walk_any_text("\"\xFF\"").code, "body.encoding");
  EXPECT_FALSE(is_json(std::string_view("\xFF\xFE{\0}\0", 6)));  // UTF-16
  EXPECT_FALSE(is_json(std::string_view("{\0}\0", 4)));
  EXPECT_FALSE(is_json(std::string_view("\0{\0}", 4)));
}

TEST(Json, DuplicateKeysAtEveryLevelAndSize) {
  EXPECT_EQ(walk_any_text(R"({"a":1,"a":1})").code, "body.duplicate_key");
  EXPECT_EQ(walk_any_text(R"({"a":1,"\u0061":1})").code, "body.duplicate_key");
  EXPECT_EQ(walk_any_text(R"([{"b":{"a":1,"c":2,"a":3}}])").path, "/0/b/a");
  for (int members : {2, 11, 12, 13, 14, 100}) {
    for (int again = 0; again < members; ++again) {
      std::string text = "{";
      for (int i = 0; i < members; ++i) text += "\"k" + std::to_string(i) + "\":{\"k0\":1},";
      std::string good = text + "\"z\":1}";
      std::string bad = text + "\"k" + std::to_string(again) + "\":1}";
      EXPECT_TRUE(is_json(good)) << good;
      EXPECT_EQ(walk_any_text(bad).code, "body.duplicate_key") << bad;
    }
  }
}

TEST(Json, DepthBombs) {
  constexpr std::size_t kDepth = 1000000;
  EXPECT_EQ(walk_any_text(repeat("[", kDepth)).code, "body.too_deep");
  EXPECT_EQ(walk_any_text(repeat("[", kDepth) + repeat("]", kDepth)).code, "body.too_deep");
  EXPECT_EQ(walk_any_text(repeat(R"({"a":)", kDepth)).code, "body.too_deep");
  EXPECT_EQ(walk_any_text(repeat(R"([{"a":)", kDepth)).code, "body.too_deep");
  EXPECT_FALSE(is_json(repeat("]", kDepth)));
  EXPECT_FALSE(is_json(repeat("\"", kDepth)));
  EXPECT_FALSE(is_json(repeat("\\", kDepth)));
  EXPECT_FALSE(is_json(repeat(",", kDepth)));
}

TEST(Json, CutAtEveryByte) {
  std::string text =
      R"( {"a\u0062":[1.5e3,-0,"x\"\\\uD83D\uDE00é",null,true,{"c":{}}],"d":false,"e":{"f":[]}} )";
  ASSERT_TRUE(is_json(text));
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_FALSE(is_json(std::string_view(text).substr(0, size))) << size;
  }
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    std::string without = text;
    without.erase(at, 1);
    walk_any_text(without);  // whatever it is: no crash (the sanitizers watch)
  }
}

TEST(Json, NumbersAreKeptAsWritten) {
  for (std::string_view number : {"9007199254740993", "18446744073709551616", "1e400", "-0", "1.0",
                                  "0.1e-7", "3.14159265358979323846264338327950288"}) {
    std::string text = "[" + std::string(number) + "]";
    TokenIndex index;
    DenyCode why = DenyCode::kUndecided;
    auto tokens = index.find(text, why);
    ASSERT_TRUE(tokens);
    Cursor json(text, *tokens);
    json.step();
    EXPECT_EQ(json.type(), JsonType::kNumber);
    EXPECT_EQ(json.read_literal(), number);
    EXPECT_EQ(walk_any_text(text).forward, text);
  }
}

TEST(Json, StringsAreDecoded) {
  std::string text = R"(["plain","a\"b\\c\/d","\u0041\u00e9\u3000","\uD83D\uDE00","\u0000"])";
  TokenIndex index;
  DenyCode why = DenyCode::kUndecided;
  auto tokens = index.find(text, why);
  ASSERT_TRUE(tokens);
  Arena arena;
  Cursor json(text, *tokens);
  for (std::string_view expected :
       {std::string_view("plain"), std::string_view("a\"b\\c/d"), std::string_view("A\u00e9\u3000"),
        std::string_view("\U0001F600"), std::string_view("\0", 1)}) {
    json.step();
    EXPECT_EQ(json.read_string(arena), expected);
  }
  json.step();
  EXPECT_TRUE(json.at_end());
  EXPECT_EQ(json.offset(), text.size());
  EXPECT_EQ(json.head(), '\0');
  EXPECT_FALSE(json.read_string(arena));
  EXPECT_FALSE(json.read_literal());
}

// Up to eight digits are looked at together, in the middle of a text and at its end.
TEST(Json, NumbersOfEveryLengthAreChecked) {
  std::string digits;
  for (std::size_t size = 1; size <= 20; ++size) {
    digits += static_cast<char>('0' + size % 10);
    for (const std::string& space : {"", " ", "\n\t  "}) {
      for (const std::string& around : {"", "        "}) {
        EXPECT_TRUE(walk_any_text(digits + space).code.empty()) << digits;
        EXPECT_TRUE(walk_any_text("[" + digits + space + "]" + around).code.empty()) << digits;
        for (std::size_t at = 0; at < size; ++at) {
          for (char wrong : {'/', ':', 'a', '"', '\x7F', '\x10', '`'}) {
            std::string bad = digits;
            bad[at] = wrong;
            EXPECT_FALSE(walk_any_text("[" + bad + space + "]" + around).code.empty()) << bad;
          }
        }
        if (size > 1) {
          EXPECT_FALSE(walk_any_text("[0" + digits + space + "]" + around).code.empty()) << digits;
        }
      }
    }
  }
}

}  // namespace
}  // namespace weir::test
