#include "learn/judgement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const FieldVerdict kUnmapped;
const FieldVerdict kWord = {FieldKind::kKeyword, true, "", ""};
const FieldVerdict kNumber = {FieldKind::kInteger, true, "", ""};
const FieldVerdict kText = {FieldKind::kNone, true, "is a `text` field, of words", "team.keyword"};
const FieldVerdict kDate = {FieldKind::kNone, true, "is a `date` field, which rounds", ""};

struct Row {
  std::string name;
  FieldVerdict team;
};

Judgement judge(const std::vector<Row>& rows, const std::string& value = "acme") {
  Learned learned;
  learned.patterns = {"logs-*"};
  learned.fields = {"other", "team"};
  for (const Row& row : rows) learned.indices.push_back({row.name, "", {kText, row.team}});
  return judge_filter(learned, {"a", {"logs-*"}}, {"team", value});
}

TEST(JudgeFilter, AnExactFieldNeedsNoWords) {
  Judgement judgement = judge({{"logs-1", kWord}, {"logs-2", kUnmapped}, {"other-1", kText}});
  EXPECT_THAT(judgement.refusal, IsEmpty());
  EXPECT_THAT(judgement.warning, IsEmpty());
}

TEST(JudgeFilter, AFieldThatIsExactNowhereIsRefusedWithTheAlternative) {
  EXPECT_EQ(judge({{"logs-1", kText}}).refusal,
            "`team` is a `text` field, of words (in `logs-1`), filter by `team.keyword`");
  EXPECT_EQ(judge({{"logs-1", kText}, {"logs-2", kDate}, {"logs-3", kText}}).refusal,
            "`team` is a `text` field, of words (in `logs-1`, `logs-3`), filter by `team.keyword`; "
            "`team` is a `date` field, which rounds (in `logs-2`)");
  EXPECT_THAT(judge({{"logs-1", kText}}).warning, IsEmpty());
}

TEST(JudgeFilter, ManyIndicesAreCounted) {
  std::vector<Row> rows;
  for (int i = 1; i <= 9; ++i) rows.push_back({"logs-" + std::to_string(i), kDate});
  EXPECT_EQ(judge(rows).refusal,
            "`team` is a `date` field, which rounds (in `logs-1`, `logs-2`, `logs-3` and 6 more)");
}

TEST(JudgeFilter, ValuesMustFit) {
  EXPECT_THAT(judge({{"logs-1", kNumber}}, "8").refusal, IsEmpty());
  EXPECT_EQ(judge({{"logs-1", kNumber}}, "08").refusal,
            "`team` is of type `integer`, whose values are not written `08` (in `logs-1`)");
}

TEST(JudgeFilter, WhereItIsNotExactIsAWarning) {
  Judgement judgement = judge({{"logs-1", kWord}, {"logs-2", kDate}});
  EXPECT_THAT(judgement.refusal, IsEmpty());
  EXPECT_THAT(judgement.warning, HasSubstr("(in `logs-2`); documents there are not visible"));
  EXPECT_THAT(judgement.warning, Not(HasSubstr("logs-1")));
}

TEST(JudgeFilter, AFieldThatNobodyHasIsAWarning) {
  for (const std::vector<Row>& rows :
       {std::vector<Row>{}, {{"logs-1", kUnmapped}}, {{"other-1", kWord}}}) {
    EXPECT_THAT(judge(rows).refusal, IsEmpty());
    EXPECT_THAT(judge(rows).warning, HasSubstr("no index has a field `team` yet"));
  }
}

TEST(CatalogOf, KeepsTheKinds) {
  Learned learned;
  learned.fields = {"team"};
  learned.indices = {{".ds-a-000001", "a", {kWord}}, {"b", "", {kText}}};
  Catalog catalog = catalog_of(learned);
  EXPECT_EQ(catalog.fields, learned.fields);
  EXPECT_EQ(catalog.indices[0].data_stream, "a");
  EXPECT_EQ(catalog.indices[0].kinds, (std::vector<FieldKind>{FieldKind::kKeyword}));
  EXPECT_EQ(catalog.indices[1].kinds, (std::vector<FieldKind>{FieldKind::kNone}));
}

}  // namespace
}  // namespace weir::proxy
