#include "response/agg_editor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "engine/response/answers.h"
#include "engine/response/harness.h"

namespace weir::response {
namespace {

Case turned_case() {
  Case c = make_case(PlanKind::kSealCursors);
  c.plan.turned_aggs = true;
  return c;
}

std::string answer_with(std::string_view aggs) {
  return R"({"took":1,"aggregations":)" + std::string(aggs) + R"(,"_scroll_id":"A"})";
}

// What becomes of `aggs`, the same at every cut; nothing when the answer is broken off.
std::string turned(const std::string& aggs) {
  Case c = turned_case();
  expect_like_reference(c, 200, answer_with(aggs));
  expect_like_reference(c, 200, pretty(answer_with(aggs)));
  std::optional<reference::Answer> got = edit(c, 200, {answer_with(aggs)});
  if (!got) return "";
  std::string head = R"({"took":1,"aggregations":)";
  std::string tail = R"(,"_scroll_id":"scroll-42-7-41"})";
  EXPECT_TRUE(got->body.starts_with(head) && got->body.ends_with(tail)) << got->body;
  return got->body.substr(head.size(), got->body.size() - head.size() - tail.size());
}

TEST(AggEditor, PutsTheFiltersResultInTheOthersPlace) {
  EXPECT_EQ(turned(R"({"g":{"doc_count":90,"weir.visible":{"doc_count":3}}})"),
            R"({"g":{"doc_count":3}})");
  EXPECT_EQ(turned(R"({"a":{"value":1.0},"g":{"meta":{"x":[1]},"doc_count":90,"weir.visible":)"
                   R"({"meta":{},"doc_count":3,"m":{"value":2.5},"n":{"value":null}}},"z":{}})"),
            R"({"a":{"value":1.0},"g":{"meta":{"x":[1]},"doc_count":3,"m":{"value":2.5},)"
            R"("n":{"value":null}},"z":{}})");
  EXPECT_EQ(turned(R"({"children#g":{"doc_count":9,"filter#weir.visible":{"doc_count":3}}})"),
            R"({"children#g":{"doc_count":3}})");
  EXPECT_EQ(turned(R"({"g":{"doc_count":9,"w\u0065ir.visible":{"doc_count":3,"meta":{},"a":{}}}})"),
            R"({"g":{"doc_count":3,"a":{}}})");
}

TEST(AggEditor, GoesIntoBucketsWhateverTheyAreCalled) {
  EXPECT_EQ(
      turned(R"({"t":{"doc_count_error_upper_bound":0,"buckets":[{"key":"a","doc_count":4,)"
             R"("c":{"doc_count":9,"weir.visible":{"doc_count":1}}},{"key":"b","doc_count":2}]}})"),
      R"({"t":{"doc_count_error_upper_bound":0,"buckets":[{"key":"a","doc_count":4,)"
      R"("c":{"doc_count":1}},{"key":"b","doc_count":2}]}})");
  EXPECT_EQ(turned(R"({"f":{"buckets":{"hits":{"doc_count":4,"c":{"doc_count":9,"weir.visible":)"
                   R"({"doc_count":1}}},"meta":{"doc_count":0},"buckets":{"doc_count":1,)"
                   R"("c":{"doc_count":9,"weir.visible":{"doc_count":7}}}}}})"),
            R"({"f":{"buckets":{"hits":{"doc_count":4,"c":{"doc_count":1}},"meta":{"doc_count":0},)"
            R"("buckets":{"doc_count":1,"c":{"doc_count":7}}}}})");
}

TEST(AggEditor, TurnsInsideOfWhatItTurned) {
  EXPECT_EQ(
      turned(
          R"({"g":{"doc_count":9,"weir.visible":{"doc_count":5,"c":{"meta":{},"doc_count":8,)"
          R"("weir.visible":{"doc_count":2,"p":{"doc_count":7,"weir.visible":{"doc_count":1}}}}}}})"),
      R"({"g":{"doc_count":5,"c":{"meta":{},"doc_count":2,"p":{"doc_count":1}}}})");
}

TEST(AggEditor, LeavesDocumentsAndMetaAlone) {
  std::string_view alike = R"({"doc_count":9,"weir.visible":{"doc_count":1}})";
  std::string hits =
      R"({"h":{"hits":{"total":1,"hits":[{"_source":)" + std::string(alike) + "}]}}}";
  EXPECT_EQ(turned(hits), hits);
  std::string meta = R"({"h":{"meta":)" + std::string(alike) + R"(,"value":1}})";
  EXPECT_EQ(turned(meta), meta);
  // Composite keys are scalars.
  std::string key = R"({"c":{"buckets":[{"key":{"doc_count":1,"weir.visible":2},"doc_count":1}]}})";
  EXPECT_EQ(turned(key), key);
  std::string other = R"({"x":{"doc_count":1,"weir.invisible":{"doc_count":2}}})";
  EXPECT_EQ(turned(other), other);
}

TEST(AggEditor, BreaksOffWhatItDoesNotKnow) {
  for (std::string_view aggs : {
           R"({"g":{"weir.visible":{"doc_count":1}}})",
           R"({"g":{"weir.visible":{"doc_count":1},"doc_count":9}})",
           R"({"g":{"doc_count":9,"a":{},"weir.visible":{"doc_count":1}}})",
           R"({"g":{"doc_count":"9","weir.visible":{"doc_count":1}}})",
           R"({"g":{"doc_count":9,"weir.visible":{"doc_count":1},"a":{}}})",
           R"({"g":{"doc_count":9,"weir.visible":{}}})",
           R"({"g":{"doc_count":9,"weir.visible":{"meta":{}}}})",
           R"({"g":{"doc_count":9,"weir.visible":{"doc_count":1,"weir.visible":{"doc_count":1}}}})",
       }) {
    EXPECT_EQ(turned(std::string(aggs)), "") << aggs;
  }
}

TEST(AggEditor, HoldsNoMoreThanItSays) {
  std::string_view begin = R"({"g":{"doc_count":9,)";
  std::string_view end = R"("weir.visible":{"doc_count":1}}})";
  // From the count's key to the filter's result.
  std::size_t fixed = std::string_view(R"("doc_count":9,"weir.visible":)").size();
  Case c = turned_case();
  for (std::size_t more : {0U, 1U}) {
    std::string spaces(AggEditor::kMaxHeld - fixed + more, ' ');
    std::string body = answer_with(std::string(begin) + spaces + std::string(end));
    expect_like_reference(c, 200, body, 97);
    EXPECT_EQ(edit(c, 200, {body}).has_value(), more == 0);
  }
  // A long name that is not the filter's is passed, as are other long things.
  std::string name(AggEditor::kMaxHeld * 2, 'n');
  std::string long_name = R"({"g":{"doc_count":9,")" + name + R"(":{"doc_count":1}}})";
  expect_like_reference(c, 200, answer_with(long_name), 97);
  EXPECT_TRUE(edit(c, 200, {answer_with(long_name)}));
  std::string deep;
  for (std::size_t i = 1; i < AggEditor::kMaxLevels; ++i) deep += R"({"a":)";
  for (std::string_view inner : {"1", "{}", R"({"a":{}})"}) {
    std::string body = deep + std::string(inner) + std::string(AggEditor::kMaxLevels - 1, '}');
    expect_like_reference(c, 200, answer_with(body), 97);
    EXPECT_EQ(edit(c, 200, {answer_with(body)}).has_value(), inner.size() < 3) << inner;
  }
}

TEST(AggEditor, WorksOnTheItemsThatWereTurned) {
  std::array<PlanItem, 3> items = {asked("", ""), refused(DenyCode::kAggGlobal, "", ""),
                                   asked("", "")};
  items[2].turned_aggs = true;
  Case c = make_case(PlanKind::kMultiSearch, items);
  std::string aggs = R"("aggregations":{"g":{"doc_count":9,"weir.visible":{"doc_count":1}}})";
  std::string item = R"({"took":1,)" + aggs + R"(,"status":200})";
  std::string body = multi_answer(item + "," + item);
  expect_like_reference(c, 200, body);
  expect_like_reference(c, 200, pretty(body));
  std::optional<reference::Answer> got = edit(c, 200, {body});
  ASSERT_TRUE(got);
  EXPECT_THAT(got->body, testing::HasSubstr(aggs));
  EXPECT_THAT(got->body, testing::HasSubstr(R"({"g":{"doc_count":1}})"));
}

}  // namespace
}  // namespace weir::response
