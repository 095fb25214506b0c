// The table of reasons is API: codes are unique, well-formed and each appears in a test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "weir/verdict.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

struct Names {
  std::string_view enumerator;
  std::string_view code;
};

constexpr Names kNames[] = {
#define WEIR_DENY(name, code, status, reason) {#name, code},
#include "weir/deny_codes.def"
#undef WEIR_DENY
};

std::string all_tests() {
  std::ostringstream text;
  for (const auto& entry : fs::recursive_directory_iterator(WEIR_SOURCE_DIR "/tests")) {
    fs::path extension = entry.path().extension();
    bool holds_tests =
        extension == ".cc" || extension == ".py" || extension == ".txt" || extension == ".json";
    if (entry.is_regular_file() && holds_tests)
      text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  return text.str();
}

// True if `name` stands in `text` as a whole.
bool mentions(std::string_view text, std::string_view name) {
  auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
  };
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    bool begins = at == 0 || !is_part(text[at - 1]);
    bool ends = at + name.size() == text.size() || !is_part(text[at + name.size()]);
    if (begins && ends) return true;
  }
  return false;
}

TEST(DenyCodes, EachAppearsInATest) {
  std::string text = all_tests();
  for (const Names& row : kNames) {
    EXPECT_TRUE(mentions(text, row.enumerator) || mentions(text, row.code)) << row.code;
  }
}

TEST(DenyCodes, AreUniqueAndSayWhatIsWrong) {
  std::set<std::string_view> seen;
  for (const DenyInfo& info : all_deny_codes()) {
    EXPECT_TRUE(seen.insert(info.code).second) << info.code;
    EXPECT_THAT(std::string(info.code), testing::MatchesRegex("[a-z]+\\.[a-z_]+"));
    EXPECT_GE(info.status, 400) << info.code;
    EXPECT_LE(info.status, 504) << info.code;
    EXPECT_GT(info.reason.size(), 8U) << info.code;
    EXPECT_EQ(&deny_info(info.id), &info) << info.code;
  }
}

TEST(DenyCodes, HaveTheShapeOfAnOpenSearchError) {
  std::string body;
  append_error_body(DenyCode::kAggGlobal, "/aggs/\"a\"/global", "gl\"obal", body);
  EXPECT_EQ(
      body,
      R"({"error":{"root_cause":[{"type":"weir_denied","reason":"`global` stands at the top level of the aggregations only, and is empty: )"
      R"(`gl\"obal`","code":"agg.global","path":"/aggs/\"a\"/global"}],"type":"weir_denied","reason":"`global` )"
      R"(stands at the top level of the aggregations only, and is empty: `gl\"obal`","code":"agg.global","path":"/aggs/\"a\"/global"},"status":403})");
}

}  // namespace
}  // namespace weir
