#include "json/tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::test {
namespace {

std::vector<std::uint32_t> offsets(TokenIndex& index, std::string_view text) {
  DenyCode why = DenyCode::kUndecided;
  auto tokens = index.find(text, why);
  if (!tokens) return {};
  return {tokens->begin(), tokens->end()};
}

TEST(Tokens, OffsetsOfTokens) {
  TokenIndex index;
  EXPECT_EQ(offsets(index, R"( {"a,:" : [1 ,true]})"),
            (std::vector<std::uint32_t>{1, 2, 8, 10, 11, 13, 14, 18, 19}));
  EXPECT_EQ(offsets(index, "5"), (std::vector<std::uint32_t>{0}));
}

TEST(Tokens, AnIndexIsUsedAgainForShorterAndLongerTexts) {
  TokenIndex index;
  std::string longer = "[";
  for (int i = 0; i < 100000; ++i) longer += "1,";
  longer += "1]";
  EXPECT_EQ(offsets(index, "[1]").size(), 3U);
  EXPECT_EQ(offsets(index, longer).size(), 200003U);
  EXPECT_EQ(offsets(index, "{}").size(), 2U);
  index.shrink();
  EXPECT_EQ(offsets(index, "{}").size(), 2U);
  EXPECT_EQ(offsets(index, longer).size(), 200003U);
}

TEST(Tokens, WhatCannotBeJson) {
  TokenIndex index;
  for (auto [text, code] : {std::pair<std::string_view, DenyCode>{"", DenyCode::kBodyMalformed},
                            {"  \n ", DenyCode::kBodyMalformed},
                            {"\"open", DenyCode::kBodyMalformed},
                            {"\"tab\there\"", DenyCode::kBodyMalformed},
                            {"\xEF\xBB\xBF{}", DenyCode::kBodyEncoding},
                            {"\"\xC0\xAF\"", DenyCode::kBodyEncoding}}) {
    DenyCode why = DenyCode::kUndecided;
    EXPECT_FALSE(index.find(text, why)) << text;
    EXPECT_EQ(why, code) << text;
  }
}

// Lengths around the width of the vector registers: the last block is read in full.
TEST(Tokens, EveryLengthAroundABlock) {
  TokenIndex index;
  for (std::size_t size = 0; size < 300; ++size) {
    std::string text = "\"" + std::string(size, 'x') + "\"";
    EXPECT_EQ(offsets(index, text), (std::vector<std::uint32_t>{0})) << size;
    std::string spaces = std::string(size, ' ') + "[" + std::string(size, ' ') + "]";
    EXPECT_EQ(offsets(index, spaces),
              (std::vector<std::uint32_t>{static_cast<std::uint32_t>(size),
                                          static_cast<std::uint32_t>(2 * size + 1)}));
  }
}

}  // namespace
}  // namespace weir::test
