#include "json/edits.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::test {
namespace {

std::string applied(Edits& edits, std::string_view text) {
  std::vector<std::string_view> pieces;
  edits.apply(text, pieces);
  std::string out;
  for (std::string_view piece : pieces) {
    EXPECT_FALSE(piece.empty());
    out += piece;
  }
  return out;
}

TEST(Edits, NoneLeavesTheTextInOnePiece) {
  Edits edits;
  std::vector<std::string_view> pieces;
  std::string_view text = "abc";
  edits.apply(text, pieces);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_EQ(pieces[0].data(), text.data());
  pieces.clear();
  edits.apply("", pieces);
  EXPECT_TRUE(pieces.empty());
}

TEST(Edits, InsertAndReplaceAnywhere) {
  Edits edits;
  edits.insert(5, "END");
  edits.replace(1, 2, "XYZ");
  edits.insert(0, "<");
  edits.replace(4, 1, "");
  EXPECT_EQ(applied(edits, "abcde"), "<aXYZdEND");
}

TEST(Edits, AtOneOffsetTheOrderOfTheCallsCounts) {
  Edits edits;
  edits.insert(1, "1");
  edits.insert(1, "2");
  edits.replace(1, 1, "3");
  EXPECT_EQ(applied(edits, "abc"), "a123c");
}

TEST(Edits, AReplacementHidesTheEditsInside) {
  Edits edits;
  edits.insert(2, "inside");
  edits.replace(1, 3, "X");
  edits.insert(4, "behind");
  edits.insert(1, "late");  // made after the replacement at the same offset
  EXPECT_EQ(applied(edits, "abcde"), "aXbehinde");
}

TEST(Edits, ACopyTakesItsEditsWithIt) {
  Edits edits;
  edits.insert(1, "(");
  edits.replace(2, 1, "C");
  edits.insert(3, ")");
  edits.insert_copy(5, 1, 3);
  // The edit at the end of the range is behind it, and so not in the copy.
  EXPECT_EQ(applied(edits, "abcde"), "a(bC)de(bC");
}

TEST(Edits, AWrapStandsOnce) {
  Edits edits;
  edits.wrap(1, "[F,");
  edits.wrap(4, "]");
  edits.insert_copy(5, 1, 4);
  edits.insert_copy(0, 1, 4);
  EXPECT_EQ(applied(edits, "abcde"), "bcda[F,bcd]ebcd");
}

TEST(Edits, NoCopyInsideACopy) {
  Edits edits;
  edits.insert_copy(2, 0, 1);  // inside the range that is copied below
  edits.insert_copy(4, 0, 4);
  EXPECT_EQ(applied(edits, "abcd"), "abacdabcd");
}

TEST(Edits, ACopyMayReadDifferently) {
  Edits edits;
  edits.guard(1, "[F,");
  edits.replace(2, 1, "C", "copied");
  edits.guard(4, "]");
  edits.insert_copy(5, 1, 4);
  EXPECT_EQ(applied(edits, "abcde"), "a[F,bCd]ebcopiedd");

  std::vector<std::string_view> pieces;
  edits.apply_as_copy("abcde", pieces);
  std::string all;
  for (std::string_view piece : pieces) all += piece;
  EXPECT_EQ(all, "abcopiedde");
}

TEST(Edits, ClearForgets) {
  Edits edits;
  edits.insert(0, "x");
  edits.clear();
  EXPECT_EQ(applied(edits, "abc"), "abc");
}

}  // namespace
}  // namespace weir::test
