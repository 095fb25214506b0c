// Which field names and patterns are open.
#include "dsl/rules.h"

#include <gtest/gtest.h>

namespace weir::test {
namespace {

// OpenSearch's metadata fields, but for the two plain ones.
constexpr std::string_view kClosed[] = {"_seq_no", "_primary_term", "_version",     "_routing",
                                        "_source", "_size",         "_field_names", "_ignored",
                                        "_type",   "_doc_count",    "_nested_path", "_feature"};

TEST(Fields, MetadataIsClosed) {
  for (std::string_view name : kClosed) EXPECT_FALSE(is_open_field(name)) << name;
  for (std::string_view name : {"", "_", "_id2", "_indexes"}) {
    EXPECT_FALSE(is_open_field(name)) << name;
  }
  for (std::string_view name : {"_id", "_index", "a", "a._b", "@timestamp", "seq_no"}) {
    EXPECT_TRUE(is_open_field(name)) << name;
  }
}

bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern.front() == '*') {
    return matches(pattern.substr(1), name) || (!name.empty() && matches(pattern, name.substr(1)));
  }
  return !name.empty() && pattern.front() == name.front() &&
         matches(pattern.substr(1), name.substr(1));
}

// Every pattern of up to four parts: an open one matches no closed name.
TEST(Fields, AnOpenPatternMatchesNoClosedName) {
  constexpr std::string_view kParts[] = {"*", "_", "seq", "s", "no", ".", "a"};
  std::size_t open = 0;
  std::vector<std::string> patterns = {""};
  for (int length = 0; length < 4; ++length) {
    std::vector<std::string> longer;
    for (const std::string& pattern : patterns) {
      for (std::string_view part : kParts) longer.push_back(pattern + std::string(part));
    }
    patterns = std::move(longer);
    for (const std::string& pattern : patterns) {
      if (!is_open_field_pattern(pattern) || pattern == "*") continue;
      ++open;
      for (std::string_view name : kClosed) EXPECT_FALSE(matches(pattern, name)) << pattern;
    }
  }
  EXPECT_GT(open, 500U);
}

TEST(Fields, PatternsThatClientsSend) {
  for (std::string_view pattern : {"*", "a*", "*.*", "items.*", "*.keyword", "_id", "a*b"}) {
    EXPECT_TRUE(is_open_field_pattern(pattern)) << pattern;
  }
  for (std::string_view pattern : {"**", "_*", "*_no", "?seq_no", "_i*", "*a"}) {
    EXPECT_FALSE(is_open_field_pattern(pattern)) << pattern;
  }
}

}  // namespace
}  // namespace weir::test
