// Every kind of field of the threats F1 to F14, judged.
#include "weir/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The verdict on `field` in an index with this mapping.
FieldVerdict judge(const std::string& mapping, const std::string& field) {
  const std::vector<std::string> fields = {field};
  auto result = judge_mappings(R"({"logs-1":{"mappings":)" + mapping + "}}", fields);
  EXPECT_TRUE(result.ok());
  return result.ok() ? result.value().at(0).fields.at(0) : FieldVerdict();
}

FieldVerdict judge_property(const std::string& property) {
  return judge(R"({"properties":{"f":)" + property + "}}", "f");
}

TEST(JudgeMappings, ExactKinds) {
  for (std::string_view type :
       {"keyword", "boolean", "byte", "short", "integer", "long", "unsigned_long", "ip"}) {
    FieldVerdict verdict = judge_property(R"({"type":")" + std::string(type) + R"("})");
    EXPECT_EQ(field_kind_name(verdict.kind), type);
    EXPECT_TRUE(verdict.mapped);
    EXPECT_THAT(verdict.why, IsEmpty());
  }
  EXPECT_EQ(judge_property(R"({"type":"keyword","ignore_above":256,"doc_values":false})").kind,
            FieldKind::kKeyword);
}

TEST(JudgeMappings, KindsThatAreNotExactSayWhy) {
  struct Row {
    std::string_view property;
    std::string_view why;
  };
  for (const Row& row : std::initializer_list<Row>{
           {R"({"type":"text"})", "`text` field, in which `term` finds single words"},
           {R"({"type":"match_only_text"})", "single words"},
           {R"({"type":"float"})", "`float` field, which rounds"},
           {R"({"type":"half_float"})", "rounds"},
           {R"({"type":"double"})", "rounds"},
           {R"({"type":"scaled_float","scaling_factor":10})", "rounds"},
           {R"({"type":"date"})", "rounds and calculates"},
           {R"({"type":"date_nanos"})", "rounds and calculates"},
           {R"({"type":"ip_range"})", "every value inside"},
           {R"({"type":"integer_range"})", "every value inside"},
           {R"({"type":"flat_object"})", "`flat_object` field"},
           {R"({"type":"constant_keyword","value":"acme"})", "takes patterns"},
           {R"({"type":"alias","path":"team"})", "another name of `team`"},
           {R"({"type":"keyword","normalizer":"lowercase"})", "normalizer `lowercase`"},
           {R"({"type":"keyword","null_value":"acme"})", "`null_value`"},
           {R"({"type":"boolean","null_value":false})", "`null_value`"},
           {R"({"type":"integer","null_value":0})", "`null_value`"},
           {R"({"type":"keyword","index":false})", "not indexed"},
           {R"({"properties":{"x":{"type":"keyword"}}})", "is an object"},
           {R"({"type":"kind_of_tomorrow"})", "`kind_of_tomorrow` field"}}) {
    FieldVerdict verdict = judge_property(std::string(row.property));
    EXPECT_EQ(verdict.kind, FieldKind::kNone) << row.property;
    EXPECT_TRUE(verdict.mapped) << row.property;
    EXPECT_THAT(verdict.why, HasSubstr(std::string(row.why)));
  }
}

TEST(JudgeMappings, AKeywordBelowIsSuggested) {
  EXPECT_EQ(
      judge_property(
          R"({"type":"text","fields":{"raw":{"type":"keyword"},"keyword":{"type":"keyword"}}})")
          .suggestion,
      "f.keyword");
  EXPECT_EQ(judge_property(R"({"type":"text","fields":{"raw":{"type":"keyword"}}})").suggestion,
            "f.raw");
  EXPECT_THAT(
      judge_property(R"({"type":"text","fields":{"keyword":{"type":"keyword","normalizer":"x"}}})")
          .suggestion,
      IsEmpty());
  EXPECT_EQ(judge_property(R"({"type":"alias","path":"team"})").suggestion, "team");
}

TEST(JudgeMappings, FindsFieldsInObjectsAndBelowFields) {
  const std::string mapping =
      R"({"properties":{"a":{"properties":{"b":{"type":"text","fields":{"keyword":{"type":"keyword"}}}}},)"
      R"("o":{"type":"object","properties":{"k":{"type":"long"}}}}})";
  EXPECT_EQ(judge(mapping, "a.b.keyword").kind, FieldKind::kKeyword);
  EXPECT_EQ(judge(mapping, "o.k").kind, FieldKind::kLong);
  EXPECT_EQ(judge(mapping, "a.b").suggestion, "a.b.keyword");
  for (const char* missing :
       {"b", "a.c", "a.b.c", "a.b.keyword.c", "o.k.k", "", ".", "a.", "a..b"}) {
    FieldVerdict verdict = judge(mapping, missing);
    EXPECT_EQ(verdict.kind, FieldKind::kNone) << missing;
    EXPECT_FALSE(verdict.mapped) << missing;
  }
  EXPECT_FALSE(judge("{}", "a").mapped);
}

TEST(JudgeMappings, AFilterDoesNotSeeIntoNestedFields) {
  const std::string mapping =
      R"({"properties":{"n":{"type":"nested","properties":{"o":{"properties":{"f":{"type":"keyword"}}}}},)"
      R"("x":{"type":"flat_object"}}})";
  EXPECT_THAT(judge(mapping, "n.o.f").why, HasSubstr("inside the nested field `n`"));
  EXPECT_THAT(judge(mapping, "x.team").why, HasSubstr("inside a `flat_object`"));
}

TEST(JudgeMappings, CopiesAndScriptsMakeAFieldInexact) {
  const std::string mapping =
      R"({"derived":{"d":{"type":"keyword"}},"properties":{"f":{"type":"keyword"},"g":{"type":"keyword"},)"
      R"("t":{"type":"text","fields":{"keyword":{"type":"keyword"}}},)"
      R"("n":{"properties":{"q":{"type":"keyword","copy_to":["f","t"]}}},"p":{"copy_to":"h"},"h":{"type":"keyword"}}})";
  EXPECT_THAT(judge(mapping, "f").why, HasSubstr("copy_to"));
  EXPECT_THAT(judge(mapping, "h").why, HasSubstr("copy_to"));
  EXPECT_THAT(judge(mapping, "t.keyword").why, HasSubstr("copy_to"));
  EXPECT_THAT(judge(mapping, "t").suggestion, IsEmpty());
  EXPECT_EQ(judge(mapping, "g").kind, FieldKind::kKeyword);
  EXPECT_THAT(judge(mapping, "d").why, HasSubstr("derived"));
}

TEST(JudgeMappings, AnythingElseIsNoAnswer) {
  const std::vector<std::string> fields = {"f"};
  for (const char* text :
       {"", "[]", "{", R"({"a":1})", R"({"a":{"mappings":[]}})", R"({"a":{}})", "\xFF"}) {
    EXPECT_FALSE(judge_mappings(text, fields).ok()) << text;
  }
  EXPECT_TRUE(judge_mappings("{}", fields).ok());
}

TEST(JudgeMappings, EveryIndexHasItsOwnVerdict) {
  const std::vector<std::string> fields = {"f", "g"};
  auto result = judge_mappings(
      R"({"a":{"mappings":{"properties":{"f":{"type":"keyword"}}}},"b":{"mappings":{"properties":{"f":{"type":"text"}}}}})",
      fields);
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result.value().size(), 2U);
  EXPECT_EQ(result.value()[0].index, "a");
  EXPECT_EQ(result.value()[0].fields[0].kind, FieldKind::kKeyword);
  EXPECT_FALSE(result.value()[0].fields[1].mapped);
  EXPECT_EQ(result.value()[1].fields[0].kind, FieldKind::kNone);
}

TEST(MappingPaths, NameWhatTheJudgementNeeds) {
  const std::vector<std::string> fields = {"team", "a.b.keyword", "x,y"};
  EXPECT_EQ(mapping_paths(fields),
            "*.mappings.properties.**.copy_to,*.mappings.derived,*.mappings.properties.team,"
            "*.mappings.properties.a.type,*.mappings.properties.a.fields,"
            "*.mappings.properties.a.properties.b.type,*.mappings.properties.a.properties.b.fields,"
            "*.mappings.properties.a.properties.b.properties.keyword,*.mappings.properties.*");
}

TEST(FieldKinds, TakeValuesThatAreWrittenAsTheirs) {
  struct Row {
    FieldKind kind;
    std::vector<std::string_view> good;
    std::vector<std::string_view> bad;
  };
  for (const Row& row : std::initializer_list<Row>{
           {FieldKind::kNone, {}, {"a", "1", "true"}},
           {FieldKind::kKeyword, {"a", "10.0.0.0/8", "*", "\xC3\xA9"}, {}},
           {FieldKind::kBoolean, {"true", "false"}, {"TRUE", "1", "yes", " true"}},
           {FieldKind::kByte, {"127", "-128", "0"}, {"128", "-129"}},
           {FieldKind::kShort, {"32767", "-32768"}, {"32768"}},
           {FieldKind::kInteger,
            {"2147483647", "-2147483648"},
            {"2147483648", "08", "+8", "8.0", "8e0", " 8", "8 ", "-0", "abc", "0x8"}},
           {FieldKind::kLong,
            {"9223372036854775807", "-9223372036854775808"},
            {"9223372036854775808", "1e3"}},
           {FieldKind::kUnsignedLong,
            {"18446744073709551615", "0"},
            {"18446744073709551616", "-1", "00"}},
           {FieldKind::kIp,
            {"10.0.0.1", "::1", "2001:db8::1"},
            {"10.0.0.0/8", "::/0", "10.0.0.01", "0:0:0:0:0:0:0:1", "fe80::1%eth0", "10.0.0",
             "a"}}}) {
    for (std::string_view value : row.good) EXPECT_TRUE(fits(row.kind, value)) << value;
    for (std::string_view value : row.bad) EXPECT_FALSE(fits(row.kind, value)) << value;
    EXPECT_FALSE(row.kind != FieldKind::kKeyword && fits(row.kind, std::string_view("1\0", 2)));
  }
}

TEST(FieldKinds, HaveNames) {
  EXPECT_EQ(find_field_kind("unsigned_long"), FieldKind::kUnsignedLong);
  EXPECT_EQ(find_field_kind("text"), std::nullopt);
  EXPECT_EQ(field_kind_name(FieldKind::kNone), "");
}

}  // namespace
}  // namespace weir
