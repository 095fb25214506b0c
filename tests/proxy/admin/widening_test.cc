#include "admin/widening.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

constexpr auto kAnd = FiltersOperator::kAnd;
constexpr auto kOr = FiltersOperator::kOr;

Access access(const std::string& values, FiltersOperator op = kAnd,
              std::optional<Seconds> expires = std::nullopt) {
  Access out{{}, op, expires};
  for (const char value : values) {
    out.filters.push_back({"f", std::string(1, value)});
  }
  return out;
}

bool widens_open(const Access& before, const Access& after) {
  return widens(before, after, Unfiltered::kAllow);
}

TEST(Widens, FollowsTheFilters) {
  EXPECT_FALSE(widens_open(access("ab"), access("ab")));
  EXPECT_FALSE(widens_open(access("ab"), access("ba")));
  EXPECT_FALSE(widens_open(access("a"), access("ab")));
  EXPECT_TRUE(widens_open(access("ab"), access("a")));
  EXPECT_TRUE(widens_open(access("a"), access("b")));
  EXPECT_TRUE(widens_open(access("a", kOr), access("ab", kOr)));
  EXPECT_FALSE(widens_open(access("ab", kOr), access("a", kOr)));
  EXPECT_TRUE(widens_open(access("ab", kAnd), access("ab", kOr)));
  EXPECT_FALSE(widens_open(access("ab", kOr), access("ab", kAnd)));
  EXPECT_FALSE(widens_open(access("ab", kOr), access("bc", kAnd)));
  EXPECT_TRUE(widens_open(access("ab", kOr), access("cd", kAnd)));
  EXPECT_FALSE(widens_open(access("a", kOr), access("a", kAnd)));
  EXPECT_FALSE(widens_open(access("a", kAnd), access("a", kOr)));
  EXPECT_FALSE(widens_open(access("a", kOr), access("ab", kAnd)));
  EXPECT_TRUE(widens_open(access("ab", kAnd), access("a", kOr)));
  EXPECT_TRUE(widens_open(access("abc", kAnd), access("ab", kOr)));
}

TEST(Widens, FollowsTheEmptySet) {
  EXPECT_TRUE(widens(access("a"), access(""), Unfiltered::kAllow));
  EXPECT_FALSE(widens(access("a"), access(""), Unfiltered::kDeny));
  EXPECT_FALSE(widens(access(""), access("a"), Unfiltered::kAllow));
  EXPECT_TRUE(widens(access(""), access("a"), Unfiltered::kDeny));
  EXPECT_FALSE(widens(access(""), access(""), Unfiltered::kAllow));
  EXPECT_FALSE(widens(access(""), access("", kOr), Unfiltered::kDeny));
}

TEST(Widens, FollowsTheExpiry) {
  EXPECT_TRUE(widens_open(access("a", kAnd, 5), access("a", kAnd, 6)));
  EXPECT_TRUE(widens_open(access("a", kAnd, 5), access("a", kAnd)));
  EXPECT_FALSE(widens_open(access("a", kAnd, 5), access("a", kAnd, 5)));
  EXPECT_FALSE(widens_open(access("a", kAnd, 5), access("a", kAnd, 4)));
  EXPECT_FALSE(widens_open(access("a", kAnd), access("a", kAnd, 4)));
}

/// Against the definition: over all documents with values from a small alphabet, and every pair of
/// filter sets.
TEST(Widens, AgreesWithTheDocuments) {
  const auto visible = [](unsigned filters, FiltersOperator op, unsigned document) {
    if (filters == 0) {
      return true;
    }
    return op == kAnd ? (document & filters) == filters : (document & filters) != 0;
  };
  const auto letters = [](unsigned mask) {
    std::string text;
    for (unsigned bit = 0; bit < 4; ++bit) {
      if ((mask & (1U << bit)) != 0) {
        text.push_back(static_cast<char>('a' + bit));
      }
    }
    return text;
  };
  for (unsigned before = 0; before < 16; ++before) {
    for (unsigned after = 0; after < 16; ++after) {
      for (const auto old_op : {kAnd, kOr}) {
        for (const auto new_op : {kAnd, kOr}) {
          bool more = false;
          for (unsigned document = 0; document < 16; ++document) {
            more = more || (visible(after, new_op, document) && !visible(before, old_op, document));
          }
          EXPECT_EQ(widens_open(access(letters(before), old_op), access(letters(after), new_op)),
                    more)
              << letters(before) << " " << (old_op == kAnd) << " -> " << letters(after) << " "
              << (new_op == kAnd);
        }
      }
    }
  }
}

}  // namespace
}  // namespace weir::proxy
