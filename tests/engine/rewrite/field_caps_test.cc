// Which fields _field_caps lists: what is asked of which, what goes out of the answer, and what a
// broken answer cannot do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/policy.h"
#include "weir/engine.h"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string entry(std::string_view name, std::string_view kind, bool useful = true) {
  std::string flag = useful ? "true" : "false";
  return '"' + std::string(name) + R"(":{")" + std::string(kind) + R"(":{"type":")" +
         std::string(kind) + R"(","searchable":)" + flag + R"(,"aggregatable":)" + flag + "}}";
}

std::string caps(std::string_view entries) {
  return R"({"indices":["logs-a"],"fields":{)" + std::string(entries) + "}}";
}

std::string seen(std::initializer_list<int> counts) {
  std::string out = R"({"took":1,"timed_out":false,"aggregations":{"seen":{"buckets":[)";
  for (int count : counts) {
    if (out.back() == '}') out += ',';
    out += R"({"doc_count":)" + std::to_string(count) + "}";
  }
  return out + "]}}}";
}

class FieldCaps : public testing::Test {
 protected:
  Verdict ask(std::string_view field_caps, std::string_view fields_seen = {},
              std::string_view token = "payments") {
    digest_ = support::digest_of(token);
    RequestView request;
    request.method = Method::kGet;
    request.target = "/logs-a/_field_caps?fields=*";
    request.credential = &digest_;
    request.now_seconds = support::kNow;
    request.field_caps = field_caps;
    request.fields_seen = fields_seen;
    return decide(*snapshot_, request, workspace_);
  }

  // What is sent, what is replied, or the deny code.
  std::string made(std::string_view field_caps, std::string_view fields_seen = {}) {
    Verdict verdict = ask(field_caps, fields_seen);
    if (verdict.outcome() == Outcome::kDeny)
      return std::string(deny_info(verdict.deny_code()).code);
    if (verdict.outcome() == Outcome::kReply) return std::string(verdict.reply_body());
    std::string out;
    for (std::string_view piece : verdict.body()) out += piece;
    return out;
  }

  std::shared_ptr<const PolicySnapshot> snapshot_ = support::sample_snapshot();
  Workspace workspace_;
  TokenDigest digest_;
};

TEST_F(FieldCaps, AsksTheMappingsThenTheDocuments) {
  EXPECT_EQ(ask({}).plan().kind, PlanKind::kFieldCaps);
  std::string first = caps(entry("a", "keyword"));
  Verdict second = ask(first);
  EXPECT_EQ(second.plan().kind, PlanKind::kFieldsSeen);
  EXPECT_TRUE(holds_answer(second.plan()));
  EXPECT_TRUE(second.target().starts_with("/logs-a/_search?allow_partial_search_results=false"));
  EXPECT_THAT(made(first), HasSubstr(R"({"constant_score":{"filter":{"bool":{"filter":[)"
                                     R"({"bool":{"filter":[{"term":{"team":{"value":"payments")"));
  EXPECT_EQ(made(first, seen({1})), first);
  EXPECT_EQ(made(first, seen({0})), caps(""));
}

TEST_F(FieldCaps, OfEverythingWhereNothingIsHidden) {
  EXPECT_EQ(ask({}, {}, "open").plan().kind, PlanKind::kStream);
  PolicySource source = support::sample_source();
  source.accounts[0].fields = Fields::kMapping;
  snapshot_ = support::compile(source);
  EXPECT_EQ(ask({}).plan().kind, PlanKind::kStream);
}

TEST_F(FieldCaps, AnswersInTheOrderOfNames) {
  std::string a = entry("a", "keyword"), b = entry("b", "long"), c = entry("c", "text");
  EXPECT_EQ(made(caps(c + ',' + a + ',' + b), seen({1, 1, 1})), caps(a + ',' + b + ',' + c));
  EXPECT_EQ(made(caps(b + ',' + c + ',' + a), seen({1, 0, 1})), caps(a + ',' + c));
}

TEST_F(FieldCaps, KeepsMetadataAndWhatCannotBeAskedFor) {
  std::string all = entry("_id", "_id") + ',' + entry("blob", "binary", false) + ',' +
                    entry("topics", "rank_features");
  EXPECT_EQ(made(caps(all)), caps(all)) << "nothing to ask for";
  EXPECT_THAT(made(caps(entry("_mine", "keyword"))), HasSubstr(R"({"exists":{"field":"_mine"}})"));
  EXPECT_EQ(made(caps(entry("_mine", "keyword")), seen({0})), caps(""));
}

TEST_F(FieldCaps, KeepsGroupsWithWhatIsInThem) {
  std::string a = entry("a", "object", false), b = entry("a.b", "nested", false);
  std::string c = entry("a.b.c", "keyword"), d = entry("a.d", "keyword");
  std::string all = caps(d + ',' + c + ',' + b + ',' + a);
  std::string question = made(all);
  EXPECT_THAT(question, HasSubstr(R"({"filters":[{"nested":{"ignore_unmapped":true,"path":"a.b",)"
                                  R"("query":{"exists":{"field":"a.b.c"}}}},)"
                                  R"({"exists":{"field":"a.d"}}]})"));
  EXPECT_EQ(made(all, seen({0, 0})), caps(""));
  EXPECT_EQ(made(all, seen({0, 1})), caps(a + ',' + d));
  EXPECT_EQ(made(all, seen({1, 0})), caps(a + ',' + b + ',' + c));
}

TEST_F(FieldCaps, AsksForATextInThePlaceOfItsPrefixes) {
  std::string all =
      caps(entry("t", "search_as_you_type") + ',' + entry("t._index_prefix", "prefix"));
  EXPECT_THAT(made(all), HasSubstr(R"([{"exists":{"field":"t"}},{"exists":{"field":"t"}}])"));
}

TEST_F(FieldCaps, AsksForTheFieldThatMadeOthersBelowItself) {
  std::string all = caps(entry("w", "percolator") + ',' + entry("w.terms", "keyword") + ',' +
                         entry("f", "flat_object") + ',' + entry("f.", "flat_object"));
  EXPECT_THAT(made(all), HasSubstr(R"([{"exists":{"field":"f"}},{"exists":{"field":"f"}},)"
                                   R"({"exists":{"field":"w"}},{"exists":{"field":"w"}}])"));
}

TEST_F(FieldCaps, WhatIsNestedHereAndAnObjectThereIsAskedForAsAnObject) {
  std::string both =
      R"("a":{"nested":{"searchable":false,"aggregatable":false},"object":{"searchable":false,"aggregatable":false}})";
  EXPECT_THAT(made(caps(both + ',' + entry("a.b", "keyword"))), Not(HasSubstr("nested")));
}

TEST_F(FieldCaps, APrettyAnswerTellsNotWhereSomethingWas) {
  std::string a = entry("a", "keyword"), b = entry("b", "long");
  std::string head = "{\n  \"fields\" : {\n    ", tail = "\n  }\n}\n", next = ",\n    ";
  EXPECT_EQ(made(head + a + next + b + tail, seen({1, 0})), head + a + tail);
  EXPECT_EQ(made(head + b + next + a + tail, seen({1, 0})), head + a + tail);
  EXPECT_EQ(made(head + a + tail, seen({0})), "{\n  \"fields\" : { }\n}\n");
  EXPECT_EQ(made("{\n  \"fields\" : { }\n}\n"), "{\n  \"fields\" : { }\n}\n");
}

TEST_F(FieldCaps, NamesAreWrittenAsText) {
  std::string odd = R"("a\"b\\":{"keyword":{"searchable":true,"aggregatable":true}})";
  EXPECT_THAT(made(caps(odd)), HasSubstr(R"({"exists":{"field":"a\"b\\"}})"));
  EXPECT_EQ(made(caps(odd), seen({1})), caps(odd));
}

TEST_F(FieldCaps, TooManyAreDenied) {
  Limits limits;
  std::string all;
  for (std::size_t i = 0; i < limits.max_fields_asked; ++i) {
    all += entry("f" + std::to_string(i), "long") + ',';
  }
  std::string with_metadata = caps(all + entry("_id", "_id"));
  EXPECT_EQ(ask(with_metadata).outcome(), Outcome::kForward);
  std::string one_more = caps(all + entry("g", "long"));
  EXPECT_EQ(made(one_more), "fields.too_many");
}

TEST_F(FieldCaps, BrokenAnswersAreNotUsed) {
  std::string a = entry("a", "keyword");
  for (std::string_view bad :
       {"[]", "{}", "x", "\xff", R"({"fields":[]})", R"({"fields":{"a":1}})", R"({"fields":{}} {})",
        R"({"fields":{"a":{},"a":{}}})", R"({"fields":{"a":{"keyword":{"searchable":1}}}})"}) {
    EXPECT_EQ(made(bad), "upstream.protocol") << bad;
  }
  std::string good = caps(a);
  for (std::string bad :
       {std::string("[]"), std::string("{}"), std::string("x"), seen({}), seen({1, 1}),
        std::string(R"({"aggregations":{"seen":{"buckets":[{}]}}})"),
        std::string(R"({"aggregations":{"seen":{"buckets":{"0":{}}}}})")}) {
    EXPECT_EQ(made(good, bad), "upstream.protocol") << bad;
  }
  EXPECT_EQ(
      made(good, R"({"timed_out":true,"aggregations":{"seen":{"buckets":[{"doc_count":1}]}}})"),
      "upstream.timeout");
}

}  // namespace
}  // namespace weir
