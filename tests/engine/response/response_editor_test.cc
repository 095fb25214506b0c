#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "engine/response/answers.h"
#include "engine/response/harness.h"
#include "response/own_items.h"
#include "weir/response.h"

namespace weir::response {
namespace {

using testing::HasSubstr;
using testing::Not;

// Compact and pretty, and cut short anywhere.
void expect_all_forms(const Case& c, int status, const std::string& body) {
  expect_like_reference(c, status, body);
  expect_like_reference(c, status, pretty(body));
  for (std::size_t length = 0; length < body.size(); length += 7) {
    expect_like_reference(c, status, body.substr(0, length), length / 5 + 1);
  }
  expect_like_reference(c, status, body + "x", 50);
}

reference::Answer must_edit(const Case& c, int status, std::string_view body) {
  std::optional<reference::Answer> got = edit(c, status, {body});
  EXPECT_TRUE(got) << body;
  return got.value_or(reference::Answer{});
}

bool breaks_off(const Case& c, int status, std::string_view body) {
  expect_like_reference(c, status, body);
  return !edit(c, status, {body});
}

TEST(ResponseEditor, PassesOnlyAGoodStreamUntouched) {
  Case c = make_case(PlanKind::kStream);
  EXPECT_TRUE(passes_untouched(c.plan, 200));
  EXPECT_FALSE(passes_untouched(c.plan, 201));
  EXPECT_FALSE(passes_untouched(c.plan, 404));
  for (PlanKind kind :
       {PlanKind::kSealCursors, PlanKind::kDocument, PlanKind::kSource, PlanKind::kCount,
        PlanKind::kMultiSearch, PlanKind::kMultiGet, PlanKind::kExists, PlanKind::kClearCursors}) {
    EXPECT_FALSE(passes_untouched(make_case(kind).plan, 200));
  }
  expect_like_reference(c, 200, "not even JSON");
  expect_like_reference(c, 200, "");
}

TEST(ResponseEditor, SealsScrollIds) {
  Case c = make_case(PlanKind::kSealCursors);
  std::string page = R"({"_scroll_id":"FGlu\u0063bHVk==","took":1,)" + std::string(kShards) +
                     R"(,"hits":{"hits":[{"_scroll_id":"mine","_source":{"pit_id":"mine"}}]}})";
  expect_all_forms(c, 200, page);
  EXPECT_EQ(must_edit(c, 200, R"({"_scroll_id":"A\n","took":1})").body,
            R"({"_scroll_id":"scroll-42-7-410a","took":1})");
  EXPECT_EQ(must_edit(c, 200, R"({ "_scroll\u005fid" : "A" })").body,
            R"({ "_scroll\u005fid" : "scroll-42-7-41" })");
  EXPECT_EQ(must_edit(c, 200, R"({"_scroll_id":"\ud83d\udc1f\u20ac"})").body,
            R"({"_scroll_id":"scroll-42-7-f09f909fe282ac"})");
}

TEST(ResponseEditor, SealsPointInTimeIds) {
  Case c = make_case(PlanKind::kSealCursors);
  expect_all_forms(
      c, 200,
      R"({"pit_id":"o463QQ==",)" + std::string(kShards) + R"(,"creation_time":1709164800000})");
  expect_all_forms(
      c, 200,
      R"({"pits":[{"successful":true,"pit_id":"A"},{"pit_id":"B","successful":false},{}],"n":1})");
  EXPECT_EQ(must_edit(c, 200, R"({"pits":[{"successful":true,"pit_id":"A"}]})").body,
            R"({"pits":[{"successful":true,"pit_id":"pit-42-7-41"}]})");
}

TEST(ResponseEditor, BreaksOffWhatCannotBeSealed) {
  Case c = make_case(PlanKind::kSealCursors);
  for (std::string_view body :
       {R"({"_scroll_id":"unsealable"})", R"({"_scroll_id":1})", R"({"pit_id":{}})",
        R"({"pits":{"pit_id":"A"}})", R"({"pits":["A"]})", R"({"pits":[{"pit_id":null}]})",
        R"(["_scroll_id"])", R"({"took":1,"error":"secret"})"}) {
    EXPECT_TRUE(breaks_off(c, 200, body)) << body;
  }
  // RapidJSON refuses an unpaired surrogate anywhere; the editor only where it has to know the
  // text.
  EXPECT_FALSE(edit(c, 200, {R"({"_scroll_id":"\ud800"})"}));
  EXPECT_FALSE(edit(c, 200, {R"({"_scroll_id":"\ud800\u0041"})"}));
  EXPECT_FALSE(edit(c, 200, {R"({"_scroll_id":"\udc00"})"}));
  EXPECT_TRUE(edit(c, 200, {R"({"took":"\ud800"})"}));
  c.sealer = nullptr;
  EXPECT_TRUE(breaks_off(c, 200, R"({"_scroll_id":"A"})"));
  EXPECT_FALSE(breaks_off(c, 200, R"({"took":1})"));
}

TEST(ResponseEditor, BoundsCursorIds) {
  Case c = make_case(PlanKind::kSealCursors);
  c.limits.max_cursor_bytes = 50;
  for (std::size_t size : {0U, 49U, 50U, 51U, 500U}) {
    expect_like_reference(c, 200, R"({"_scroll_id":")" + std::string(size, 'i') + R"("})");
    std::string escaped;
    for (std::size_t i = 0; i < size; ++i) escaped += "\\u0069";
    expect_like_reference(c, 200, R"({"pit_id":")" + escaped + R"("})", 11);
    EXPECT_EQ(breaks_off(c, 200, R"({"pit_id":")" + escaped + R"("})"), size > 50) << size;
  }
  Case real = make_case(PlanKind::kSealCursors);
  std::string id(real.limits.max_cursor_bytes, 'i');
  EXPECT_TRUE(edit(real, 200, {R"({"_scroll_id":")", id, R"("})"}));
  EXPECT_FALSE(edit(real, 200, {R"({"_scroll_id":")", id, R"(i"})"}));
}

TEST(ResponseEditor, DropsTheTextsOfShardFailures) {
  Case c = make_case(PlanKind::kSealCursors);
  const std::string failures =
      R"("failures":[{"shard":0,"reason":{"type":"x","reason":"secret, \"failed\":"}}])";
  for (const std::string& shards :
       {"\"total\":1," + failures + ",\"failed\":1", failures + ",\"total\":1",
        "\"total\":1," + failures, failures, failures + "," + failures,
        failures + "," + failures + ",\"failed\":1,\"x\":\",\"",
        std::string("\"fail\\u0075res\":\"secret\",\"total\":1"), std::string()}) {
    std::string body = R"({"took":1,"_shards":{)" + shards + R"(},"hits":{"failures":[1]}})";
    expect_all_forms(c, 200, body);
    std::string out = must_edit(c, 200, body).body;
    EXPECT_THAT(out, Not(HasSubstr("secret")));
    EXPECT_TRUE(reference::valid(out)) << out;
    EXPECT_TRUE(reference::valid(must_edit(c, 200, pretty(body)).body));
    const std::array<PlanItem, 1> items = {asked("i", "x")};
    expect_all_forms(make_case(PlanKind::kMultiSearch, items), 200, multi_answer(body));
  }
  expect_all_forms(c, 200, R"({"_shards":[1],"took":1})");
}

TEST(ResponseEditor, BoundsWhatItHoldsBack) {
  Case c = make_case(PlanKind::kSealCursors);
  std::string body = R"({"_shards":{)" + std::string(5000, ' ') + R"("total":1}})";
  EXPECT_FALSE(edit(c, 200, {body}));
  EXPECT_FALSE(edit(c, 200, {R"({"_shards":{")" + std::string(5000, 'k') + R"(":1}})"}));
  EXPECT_TRUE(edit(c, 200, {R"({)" + std::string(5000, ' ') + R"("took":1,"_shards":{}})"}));
}

TEST(ResponseEditor, TurnsAHitIntoADocument) {
  Case c = make_case(PlanKind::kDocument);
  expect_all_forms(c, 200, search_answer(kHit));
  std::string want = std::string(kHit);
  for (
      std::string_view gone :
      {R"("_seq_no":7,"_primary_term":1,"_score":1.0,)", R"("_ignored":["x"],)",
       R"(,"highlight":{"text":["<em>x</em>"]},"sort":[1,"x"],"matched_queries":["q"],"inner_hits":{})"}) {
    want.erase(want.find(gone), gone.size());
  }
  want.insert(want.find(R"("_source")"), R"("found":true,)");
  EXPECT_EQ(must_edit(c, 200, search_answer(kHit)), (reference::Answer{200, want}));
}

TEST(ResponseEditor, PutsFoundWhereGetHasIt) {
  Case c = make_case(PlanKind::kDocument);
  const std::vector<std::pair<std::string, std::string>> rows = {
      {R"({"_index":"i","_id":"x"})", R"({"_index":"i","_id":"x","found":true})"},
      {R"({"_id":"x","fields":{"a":[1]}})", R"({"_id":"x","found":true,"fields":{"a":[1]}})"},
      {R"({"_source":{},"fields":{}})", R"({"found":true,"_source":{},"fields":{}})"},
      {R"({"_s\u006furce":{}})", R"({"found":true,"_source":{}})"},
      {"{}", R"({"found":true})"},
  };
  for (const auto& [hit, document] : rows) {
    expect_all_forms(c, 200, search_answer(hit));
    EXPECT_EQ(must_edit(c, 200, search_answer(hit)), (reference::Answer{200, document}));
  }
}

TEST(ResponseEditor, SaysNotFoundTheSameForHiddenAndAbsent) {
  Case document = make_case(PlanKind::kDocument);
  Case source = make_case(PlanKind::kSource);
  for (std::string_view upstream :
       {R"({"took":1,"hits":{"total":{"value":0,"relation":"eq"},"max_score":null,"hits":[]}})",
        R"({"took":99,"terminated_early":true,"hits":{"hits":[ ]}})"}) {
    expect_all_forms(document, 200, std::string(upstream));
    expect_all_forms(source, 200, std::string(upstream));
    EXPECT_EQ(
        must_edit(document, 200, upstream),
        (reference::Answer{
            404, "{\"_index\":\"logs-*\",\"_id\":\"a\\\"\\u0001\xC3\xA9\",\"found\":false}"}));
    EXPECT_EQ(must_edit(source, 200, upstream).status, 404);
    EXPECT_THAT(must_edit(source, 200, upstream).body, HasSubstr("upstream.not_found"));
  }
}

TEST(ResponseEditor, GivesTheBareSource) {
  Case c = make_case(PlanKind::kSource);
  expect_all_forms(c, 200, search_answer(kHit));
  expect_all_forms(c, 200, search_answer(R"({"_id":"x"})"));
  EXPECT_EQ(
      must_edit(c, 200, search_answer(R"({"_id":"x","_source": {"a" : 1} ,"fields":{}})")).body,
      R"({"a" : 1})");
}

TEST(ResponseEditor, BreaksOffWhatIsNoSearchAnswer) {
  for (PlanKind kind : {PlanKind::kDocument, PlanKind::kSource}) {
    Case c = make_case(kind);
    for (std::string_view body :
         {"{}", "[]", "null", R"({"hits":[]})", R"({"hits":{}})", R"({"hits":{"hits":{}}})",
          R"({"hits":{"hits":[1]}})", R"({"hits":{"hits":[]},"hits":{"hits":[]}})",
          R"({"hits":{},"hits":{"hits":[]}})", R"({"hits":{"hits":[],"hits":[]}})",
          R"({"hits":{"hits":[{},{}]}})", R"({"error":{"type":"x"},"status":400})",
          R"({"hits":{"hits":[]},"error":"x"})",
          R"({"hits":{"hits":[{"_source":{},"_source":{}}]}})"}) {
      EXPECT_TRUE(breaks_off(c, 200, body)) << body;
    }
  }
}

TEST(ResponseEditor, KnowsTheStatusBeforeTheSourceIsThere) {
  Case c = make_case(PlanKind::kDocument);
  std::string upstream =
      search_answer(R"({"_id":"x","_source":{"a":")" + std::string(100, 'x') + R"("}})");
  ResponseEditor editor(c.plan, nullptr);
  std::string out;
  editor.begin(200);
  std::size_t hit = upstream.find(R"({"_id")");
  ASSERT_EQ(editor.feed(std::string_view(upstream).substr(0, hit), out),
            ResponseEditor::Progress::kMore);
  EXPECT_FALSE(editor.head_ready());
  ASSERT_EQ(editor.feed(std::string_view(upstream).substr(hit, 40), out),
            ResponseEditor::Progress::kMore);
  EXPECT_TRUE(editor.head_ready());
  EXPECT_EQ(editor.status(), 200);
}

// A source far larger than any buffer comes out as fast as it goes in.
TEST(ResponseEditor, StreamsAHugeSource) {
  const std::string block = R"("k":")" + std::string(60000, 'x') + R"(\n",)";
  constexpr int kBlocks = 500;
  for (PlanKind kind : {PlanKind::kDocument, PlanKind::kSource, PlanKind::kSealCursors}) {
    Case c = make_case(kind);
    ResponseEditor editor(c.plan, c.sealer);
    std::string out;
    std::size_t total = 0;
    editor.begin(200);
    ASSERT_EQ(editor.feed(R"({"hits":{"hits":[{"_source":{)", out),
              ResponseEditor::Progress::kMore);
    for (int i = 0; i < kBlocks; ++i) {
      out.clear();
      ASSERT_EQ(editor.feed(block, out), ResponseEditor::Progress::kMore);
      ASSERT_EQ(out, block);
      total += out.size();
    }
    ASSERT_EQ(editor.feed(R"("end":1}}]}})", out), ResponseEditor::Progress::kMore);
    EXPECT_EQ(editor.finish(out), ResponseEditor::Progress::kMore);
    EXPECT_EQ(total, block.size() * kBlocks);
  }
}

TEST(ResponseEditor, SaysOnlyTheStatusToHead) {
  for (PlanKind kind : {PlanKind::kDocument, PlanKind::kSource}) {
    Case c = make_case(kind);
    c.plan.head_only = true;
    expect_all_forms(c, 200, search_answer(kHit));
    expect_all_forms(c, 200, search_answer(""));
    EXPECT_EQ(must_edit(c, 200, search_answer(kHit)), (reference::Answer{200, ""}));
    EXPECT_EQ(must_edit(c, 200, search_answer("")), (reference::Answer{404, ""}));
  }
}

TEST(ResponseEditor, CountsFromASearch) {
  Case c = make_case(PlanKind::kCount);
  std::string upstream = search_answer("");
  expect_all_forms(c, 200, upstream);
  EXPECT_EQ(
      must_edit(c, 200, upstream),
      (reference::Answer{
          200, R"({"count":1,"_shards":{"total":3,"successful":3,"skipped":0,"failed":0}})"}));
  expect_all_forms(c, 200,
                   R"({"hits":{"total":1234567890123,"hits":[]},)" + std::string(kShards) + "}");
  for (
      std::string_view body :
      {R"({"hits":{"total":1}})", R"({"_shards":{"total":1,"successful":1,"failed":0}})",
       R"({"_shards":{"total":1,"successful":1,"failed":0},"hits":{"total":{"value":1,"relation":"gte"}}})",
       R"({"_shards":{"total":1,"successful":1,"failed":0},"hits":{"total":-1}})",
       R"({"_shards":{"total":1,"successful":1,"failed":0},"hits":{"total":1.5}})",
       R"({"_shards":{"total":1,"successful":1,"failed":0},"hits":{"total":"1"}})",
       R"({"_shards":{"total":1,"successful":1,"failed":0},"hits":{"total":12345678901234567890}})",
       R"({"_shards":{"total":1,"successful":1,"failed":0},"hits":7})", "[]"}) {
    EXPECT_TRUE(breaks_off(c, 200, body)) << body;
  }
  std::string partial = R"({"_shards":{"total":2,"successful":1,"failed":1},"hits":{"total":1}})";
  expect_all_forms(c, 200, partial);
  EXPECT_EQ(must_edit(c, 200, partial).status, 503);
  c.limits.max_held_response_bytes = upstream.size();
  EXPECT_FALSE(breaks_off(c, 200, upstream));
  EXPECT_TRUE(breaks_off(c, 200, upstream + " "));
}

TEST(ResponseEditor, HoldsAnswersThatAreNotTheClientsUpToALimit) {
  for (PlanKind kind :
       {PlanKind::kLookup, PlanKind::kRender, PlanKind::kFieldCaps, PlanKind::kFieldsSeen}) {
    Case c = make_case(kind);
    EXPECT_TRUE(holds_answer(c.plan));
    EXPECT_FALSE(passes_untouched(c.plan, 200));
    c.limits.max_held_response_bytes = 4;
    c.limits.max_held_answer_bytes = 20;
    EXPECT_EQ(must_edit(c, 200, R"({"responses":[{}]})").body, R"({"responses":[{}]})");
    EXPECT_TRUE(breaks_off(c, 200, std::string(21, ' ')));
    EXPECT_EQ(must_edit(c, 404, R"({"error":{"type":"index_not_found_exception"}})").status, 404);
    EXPECT_EQ(must_edit(c, 500, "secret").status, 503);
  }
  EXPECT_FALSE(holds_answer(make_case(PlanKind::kStream).plan));
}

TEST(ResponseEditor, PassesAStoredTemplateAndHidesAStoredScript) {
  Case c = make_case(PlanKind::kStoredTemplate);
  std::string found =
      R"({"_id":"x","found":true,"script":{"lang":"mustache","source":"{\"size\":1}"}})";
  expect_all_forms(c, 200, found);
  EXPECT_EQ(must_edit(c, 200, found).body, found);
  for (std::string_view other :
       {R"({"_id":"x","found":true,"script":{"lang":"painless","source":"1"}})",
        R"({"_id":"x","lang":"mustache","script":{"source":"1"}})",
        R"({"_id":"x","script":{"options":{"lang":"mustache"}}})",
        R"({"script":{"lang":"mustache "}})", R"({"script":"mustache"})", "{}"}) {
    expect_all_forms(c, 200, std::string(other));
    EXPECT_EQ(must_edit(c, 200, other).status, 404) << other;
  }
  EXPECT_EQ(must_edit(c, 404, R"({"_id":"x","found":false})").body,
            must_edit(c, 200, R"({"script":{"lang":"painless"}})").body);
}

const std::array<PlanItem, 5> kItems = {refused(DenyCode::kAggGlobal, "i0", "0", "/aggs/a", "a\"b"),
                                        asked("i1", "1\""),
                                        refused(DenyCode::kIndexScope, "i2", "2"), asked("i3", "3"),
                                        refused(DenyCode::kRouteWrite, "i4", "4")};

TEST(ResponseEditor, PutsRefusedSearchesInTheirPlaces) {
  Case c = make_case(PlanKind::kMultiSearch, kItems);
  std::string found = item_answer(kHit);
  expect_all_forms(c, 200, multi_answer(found + "," + found));
  expect_all_forms(c, 200, multi_answer(std::string(kItemError) + "," + item_answer("")));
  expect_all_forms(c, 200, multi_answer("{}," + std::string(kItemError)));
  std::string denied;
  std::string no_index;
  append_error_body(DenyCode::kAggGlobal, "/aggs/a", "a\"b", denied);
  append_error_body(DenyCode::kUpstreamNoIndex, "", "", no_index);
  std::string out = must_edit(c, 200, multi_answer(found + "," + std::string(kItemError))).body;
  EXPECT_TRUE(out.starts_with(R"({"took":5,"responses":[)" + denied + "," + found + ","));
  EXPECT_THAT(out, HasSubstr(no_index));
  EXPECT_THAT(out, Not(HasSubstr("secret")));
}

TEST(ResponseEditor, BreaksOffWhenItemsDoNotMatch) {
  for (PlanKind kind : {PlanKind::kMultiSearch, PlanKind::kMultiGet}) {
    Case c = make_case(kind, kItems);
    std::string item = item_answer("");
    for (const std::string& body :
         {multi_answer(""), multi_answer(item), multi_answer(item + "," + item + "," + item),
          multi_answer(item + ",1"), multi_answer("[]," + item), std::string("{}"),
          std::string(R"({"took":1})"), std::string(R"({"responses":{}})"),
          R"({"responses":[],)" + multi_answer(item + "," + item).substr(1),
          R"({"took":"x",)" + multi_answer(item + "," + item).substr(1),
          std::string(R"({"error":{"type":"x"},"status":400})"),
          multi_answer(item + R"(,{"took":1,"error":{"type":"x"},"status":400})"),
          multi_answer(item + R"(,{"error":{},"error":{},"status":400})")}) {
      EXPECT_TRUE(breaks_off(c, 200, body)) << body;
    }
  }
}

TEST(ResponseEditor, TakesTheOuterMembersAsTheyCome) {
  Case c = make_case(PlanKind::kMultiSearch, kItems);
  std::string items = R"("responses":[{"took":1},{"took":2}])";
  for (const std::string& body :
       {"{" + items + "}", "{" + items + R"(,"took":3})", R"({"x":{"took":9},)" + items + "}",
        R"({"took":9,"to\u006fk":10,)" + items + R"(,"y":[1]})"}) {
    expect_all_forms(c, 200, body);
  }
  EXPECT_TRUE(breaks_off(c, 200, R"({"took":123456789012345678901,)" + items + "}"));
}

TEST(ResponseEditor, MapsItemErrorsOfAnySize) {
  Case c = make_case(PlanKind::kMultiSearch, kItems);
  c.limits.max_upstream_error_bytes = 200;
  std::string huge = R"({"error":{"type":"index_not_found_exception","reason":")" +
                     std::string(5000, 's') + R"("},"status":404})";
  std::string late = R"({"error":{"reason":")" + std::string(5000, 's') +
                     R"(","type":"index_not_found_exception"},"x":1,"status":404})";
  expect_like_reference(c, 200, multi_answer(huge + "," + late), 97);
  expect_like_reference(
      c, 200,
      multi_answer(R"({"error":"text","status":503},{"error":{"type":"parsing_exception"}})"));
  EXPECT_THAT(must_edit(c, 200, multi_answer(huge + "," + late)).body,
              HasSubstr("upstream.not_found"));
}

TEST(ResponseEditor, KeepsTheFirstItemErrorForTheLog) {
  for (PlanKind kind : {PlanKind::kMultiSearch, PlanKind::kMultiGet}) {
    Case c = make_case(kind, kItems);
    ResponseEditor editor(c.plan, nullptr);
    std::string out;
    editor.begin(200);
    std::string upstream =
        multi_answer(std::string(kItemError) + R"(,{"error":"second","status":500})");
    ASSERT_EQ(editor.feed(upstream, out), ResponseEditor::Progress::kMore);
    ASSERT_EQ(editor.finish(out), ResponseEditor::Progress::kMore);
    EXPECT_THAT(std::string(editor.upstream_error()), HasSubstr("no such index [secret]"));
    EXPECT_THAT(std::string(editor.upstream_error()), Not(HasSubstr("second")));
  }
}

TEST(ResponseEditor, TurnsAMultiSearchIntoAMultiGet) {
  Case c = make_case(PlanKind::kMultiGet, kItems);
  expect_all_forms(c, 200, multi_answer(item_answer(kHit) + "," + item_answer("")));
  expect_all_forms(c, 200, multi_answer(std::string(kItemError) + "," + item_answer(kHit)));
  std::string out =
      must_edit(c, 200,
                multi_answer(item_answer(R"({"_id":"x","_source":{}})") + "," + item_answer("")))
          .body;
  EXPECT_TRUE(out.starts_with(R"({"docs":[{"_index":"i0","_id":"0","error":{"root_cause":[)"))
      << out;
  EXPECT_THAT(
      out,
      HasSubstr(
          R"("path":"/aggs/a"}},{"_id":"x","found":true,"_source":{}},{"_index":"i2","_id":"2","error":{)"))
      << out;
  EXPECT_THAT(out, HasSubstr(R"(,{"_index":"i3","_id":"3","found":false},{"_index":"i4",)")) << out;
  EXPECT_TRUE(breaks_off(c, 200, multi_answer(item_answer("{},{}") + "," + item_answer(""))));
}

TEST(ResponseEditor, WritesAnswersOfRefusalsOnly) {
  const std::array<PlanItem, 2> items = {kItems[0], kItems[2]};
  std::string search;
  std::string get;
  append_denied_multi_search(items, search);
  append_denied_multi_get(items, get);
  std::string first;
  std::string second;
  append_error_body(DenyCode::kAggGlobal, "/aggs/a", "a\"b", first);
  append_error_body(DenyCode::kIndexScope, "", "", second);
  EXPECT_EQ(search, R"({"took":0,"responses":[)" + first + "," + second + "]}");
  EXPECT_TRUE(reference::valid(get));
  EXPECT_TRUE(get.starts_with(R"({"docs":[{"_index":"i0","_id":"0","error":{"root_cause":[{)"))
      << get;
  EXPECT_TRUE(get.ends_with("}}]}")) << get;
}

TEST(ResponseEditor, SaysOnlyWhetherSomethingExists) {
  for (bool head : {true, false}) {
    Case c = make_case(PlanKind::kExists);
    c.plan.head_only = head;
    for (std::string_view body : {"", "{}", R"({"error":"secret","status":404})"}) {
      for (int status : {200, 404, 400, 403, 500}) expect_like_reference(c, status, body);
    }
    EXPECT_EQ(must_edit(c, 200, ""), (reference::Answer{200, ""}));
    EXPECT_EQ(must_edit(c, 404, "").status, 404);
    EXPECT_EQ(must_edit(c, 404, "").body.empty(), head);
  }
}

TEST(ResponseEditor, AcknowledgesClosedScrolls) {
  Case c = make_case(PlanKind::kClearCursors);
  for (int status : {200, 404}) {
    for (std::string_view body :
         {R"({"succeeded":true,"num_freed":3})", R"({"num_freed":0,"succeeded":false})",
          R"({"succeeded":true})", R"({"succeeded":true,"num_freed":3,"x":"secret"})",
          R"({"succeeded":1,"num_freed":3})", R"({"succeeded":true,"num_freed":-3})",
          R"({"succeeded":true,"num_freed":3,"num_freed":3})", "[]", "",
          R"({"error":{"type":"x"},"status":404})"}) {
      expect_all_forms(c, status, std::string(body));
    }
  }
  EXPECT_EQ(must_edit(c, 404, R"({"succeeded":true,"num_freed":0})"),
            (reference::Answer{404, R"({"succeeded":true,"num_freed":0})"}));
  EXPECT_EQ(must_edit(c, 200, R"({"succeeded":true,"num_freed":3,"x":"secret"})").body,
            R"({"succeeded":true,"num_freed":3})");
  EXPECT_TRUE(breaks_off(c, 200, R"({"succeeded":true})"));
  EXPECT_TRUE(breaks_off(c, 200, R"({"succeeded":true,"num_freed":1})" + std::string(70000, ' ')));
}

// Stands for running out of memory: the string refuses the piece before it looks at a byte of it.
TEST(ResponseEditor, BreaksOffWhenTheAnswerDoesNotFitMemory) {
  Case c = make_case(PlanKind::kStream);
  ResponseEditor editor(c.plan, nullptr);
  std::string out = "before";
  editor.begin(200);
  EXPECT_EQ(editor.feed({"x", out.max_size()}, out), ResponseEditor::Progress::kFailed);
  EXPECT_EQ(editor.feed("x", out), ResponseEditor::Progress::kFailed);
  EXPECT_EQ(out, "before");
}

TEST(ResponseEditor, FailsWhenItWasNeverBegun) {
  Case c = make_case(PlanKind::kStream);
  ResponseEditor editor(c.plan, nullptr);
  std::string out;
  EXPECT_EQ(editor.feed("{}", out), ResponseEditor::Progress::kFailed);
  EXPECT_EQ(editor.finish(out), ResponseEditor::Progress::kFailed);
  EXPECT_FALSE(editor.head_ready());
}

}  // namespace
}  // namespace weir::response
