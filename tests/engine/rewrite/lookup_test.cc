// Documents named by id: what is asked for in the first round, what of the answer goes into the
// query in the second, and what an answer cannot do.
#include "rewrite/lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/policy.h"
#include "weir/engine.h"
#include "weir/response.h"

namespace weir {
namespace {

using testing::HasSubstr;

constexpr std::string_view kList = R"("terms":{"f":)";

constexpr std::string_view kQuery = R"({"terms":{"f":{"index":"logs-l","id":"d","path":"a"}}})";
constexpr std::string_view kShape = R"("geo_shape":{"f":{"shape":)";
constexpr std::string_view kBehindShape = R"(,"relation":"within"}})";

std::string indexed_shape(std::string_view id, std::string_view path) {
  return R"({"geo_shape":{"f":{"relation":"within","indexed_shape":{"index":"logs-l","id":")" +
         std::string(id) + R"(","path":")" + std::string(path) + R"("}}}})";
}

std::string percolate(std::string_view id) {
  return R"({"percolate":{"index":"logs-l","id":")" + std::string(id) + R"(","field":"w"}})";
}

std::string lookup(std::string_view id, std::string_view path) {
  return R"({"terms":{"f":{"index":"logs-l","id":")" + std::string(id) + R"(","path":")" +
         std::string(path) + R"("}}})";
}

std::string search(std::string_view query) { return R"({"query":)" + std::string(query) + "}"; }

// The answer for one document `d` with this source.
std::string answer(std::string_view source) {
  return R"({"took":1,"responses":[{"timed_out":false,"hits":{"hits":[{"_index":"logs-l","_id":"d","_source":)" +
         std::string(source) + R"(}]},"status":200}]})";
}

class Lookup : public testing::Test {
 protected:
  Verdict ask(std::string_view body, std::string_view looked_up = {}) {
    digest_ = support::digest_of("payments");
    request_ = {};
    request_.method = Method::kPost;
    request_.target = target_;
    request_.body = body;
    request_.content_type = "application/json";
    request_.credential = &digest_;
    request_.now_seconds = support::kNow;
    request_.looked_up = looked_up;
    return decide(*snapshot_, request_, workspace_);
  }

  static std::string sent(const Verdict& verdict) {
    std::string out;
    for (std::string_view piece : verdict.body()) out += piece;
    return out;
  }

  // The list that a lookup at `path` in a document with `source` becomes, or a deny code.
  std::string list(std::string_view path, std::string_view source) {
    std::string body = search(lookup("d", path));
    std::string held = answer(source);
    Verdict verdict = ask(body, held);
    if (verdict.outcome() == Outcome::kDeny)
      return std::string(deny_info(verdict.deny_code()).code);
    EXPECT_EQ(verdict.outcome(), Outcome::kForward);
    EXPECT_EQ(verdict.plan().kind, PlanKind::kStream);
    std::string text = sent(verdict);
    std::size_t at = text.find(kList);
    if (at == std::string::npos) return "no list in " + text;
    at += kList.size();
    return text.substr(at, text.find("}}", at) - at);
  }

  // The shape that an indexed one becomes, or a deny code.
  std::string shape(std::string_view path, std::string_view source) {
    std::string body = search(indexed_shape("d", path));
    std::string held = answer(source);
    Verdict verdict = ask(body, held);
    if (verdict.outcome() == Outcome::kDeny)
      return std::string(deny_info(verdict.deny_code()).code);
    std::string text = sent(verdict);
    std::size_t at = text.find(kShape);
    if (at == std::string::npos) return "no shape in " + text;
    at += kShape.size();
    return text.substr(at, text.find(kBehindShape, at) - at);
  }

  std::string code_for(std::string_view held, std::string_view query = kQuery) {
    std::string body = search(query);
    Verdict verdict = ask(body, held);
    return std::string(verdict.outcome() == Outcome::kDeny ? deny_info(verdict.deny_code()).code
                                                           : "forward");
  }

  std::string target_ = "/logs-2026/_search";
  std::shared_ptr<const PolicySnapshot> snapshot_ = support::sample_snapshot();
  Workspace workspace_;
  TokenDigest digest_;
  RequestView request_;
};

TEST_F(Lookup, AsksThroughTheFilterFirst) {
  std::string body = search(lookup("d", "a.b"));
  Verdict verdict = ask(body);
  EXPECT_TRUE(holds_answer(verdict.plan()));
  EXPECT_FALSE(passes_untouched(verdict.plan(), 200));
  EXPECT_EQ(verdict.target(), "/_msearch?pre_filter_shard_size=2147483647");
  EXPECT_THAT(sent(verdict), HasSubstr(R"({"index":"logs-l",)"));
  EXPECT_THAT(sent(verdict), HasSubstr(R"({"term":{"team":{"value":"payments"}}})"));
  EXPECT_THAT(sent(verdict), HasSubstr(R"({"ids":{"values":["d"]}}]}}}})"));
  EXPECT_THAT(sent(verdict), HasSubstr(R"("_source":["a.b"])"));
}

TEST_F(Lookup, TakesTheValuesAtThePath) {
  EXPECT_EQ(list("a", R"({"a":"x"})"), R"(["x"])");
  EXPECT_EQ(list("a", R"({"a":["x",1,2.50,true,null,[["y"]]]})"), R"(["x",1,2.50,true,"y"])");
  EXPECT_EQ(list("a.b", R"({"a":{"b":"x"}})"), R"(["x"])");
  EXPECT_EQ(list("a.b", R"({"a":[{"b":"x"},{"c":"no"},{"b":["y"]}]})"), R"(["x","y"])");
  EXPECT_EQ(list("a.b", R"({"a.b":"x"})"), R"(["x"])");
  EXPECT_EQ(list("a.b.c", R"({"a":{"b.c":"x"}})"), R"(["x"])");
  EXPECT_EQ(list("a.b.c", R"({"a.b":{"c":"x"}})"), R"(["x"])");
  EXPECT_EQ(list("a.b", R"({"a":null,"a.b":"x"})"), R"(["x"])");
  EXPECT_EQ(list("a", R"({"a":9007199254740993})"), "[9007199254740993]");
  EXPECT_EQ(list("a", R"({"a":"\u00e9\"\\\n"})"), R"(["\u00e9\"\\\n"])");
  EXPECT_EQ(list("\\u0061", R"({"\u0061":"x"})"), R"(["x"])");
}

TEST_F(Lookup, WhatIsNotThereIsAnEmptyList) {
  EXPECT_EQ(list("a", "{}"), "[]");
  EXPECT_EQ(list("a", R"({"a":null})"), "[]");
  EXPECT_EQ(list("a", R"({"a":[null,[]]})"), "[]");
  EXPECT_EQ(list("a", R"({"a":{"b":"x"}})"), "[]");
  EXPECT_EQ(list("a", R"({"ab":"x"})"), "[]");
  EXPECT_EQ(list("a.b", R"({"a":"x"})"), "[]");
  EXPECT_EQ(list("a.b", R"({"a":["x"]})"), "[]");
  EXPECT_EQ(list("a.b", R"({"b":{"a":"x"}})"), "[]");
}

TEST_F(Lookup, ASourceSwitchedOffHasNoValues) {
  std::string body = search(lookup("d", "a"));
  std::string held = R"({"responses":[{"hits":{"hits":[{"_index":"logs-l","_id":"d"}]}}]})";
  EXPECT_THAT(sent(ask(body, held)), HasSubstr(R"({"terms":{"f":[]}})"));
}

TEST_F(Lookup, NoLineEndOfASourceGetsIntoALine) {
  target_ = "/_msearch";
  std::string body = "{\"index\":\"logs-1\"}\n" + search(lookup("d", "a")) + "\n";
  std::string held = answer("{\n \"a\"\r\n: [\n\"x\"\n,\n1\r\n] }");
  std::string text = sent(ask(body, held));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 0);
  EXPECT_THAT(text, HasSubstr(R"({"f":["x" ,1  ]})"));
}

TEST_F(Lookup, AnAnswerThatDoesNotFitIsNotUnderstood) {
  for (std::string_view held :
       {"", R"({})", R"([])", R"({"responses":[]})", R"({"responses":[{}]})",
        R"({"responses":[{"hits":{"hits":[]}},{"hits":{"hits":[]}}]})",
        R"({"responses":[{"hits":{"hits":[{"_id":"other","_source":{"a":"x"}}]}}]})",
        R"({"responses":[{"hits":{"hits":[{"_id":"d"},{"_id":"d"}]}}]})",
        R"({"responses":[{"hits":{"hits":[{"_id":"d","_source":{"a":1,"a":2}}]}}]})",
        R"({"responses":[{"hits":{"hits":[)", "not JSON", "{\"responses\":[\xff]}"}) {
    if (held.empty()) continue;
    EXPECT_EQ(code_for(held), "upstream.protocol") << held;
  }
  EXPECT_EQ(code_for(R"({"responses":[{"timed_out":true,"hits":{"hits":[]}}]})"),
            "upstream.timeout");
}

TEST_F(Lookup, TakesTheOneShapeAtThePath) {
  EXPECT_EQ(shape("a", R"({"a":{"type":"point"},"b":1})"), R"({"type":"point"})");
  EXPECT_EQ(shape("a.b", R"({"b":"no","a":{"x":[1],"b":"POINT EMPTY"
}
})"),
            R"("POINT EMPTY" )");
  EXPECT_EQ(shape("a", "{\"a\":{\n\"type\"\r\n:1}\n}"), R"({ "type"  :1} )");
  for (std::string_view source : {"{}", R"({"a":1})", R"({"a":[{"b":"POINT EMPTY"}]
  })",
                                  R"({"a.b":"POINT EMPTY"})", R"({"a":{"b":null}})",
                                  R"({"a":{"b":1}})", R"({"a":{"b":["POINT EMPTY"]
  }
  })",
                                  R"({"a":{"b":true}})", R"({"a":{"c":{"b":"POINT EMPTY"
  }
  }
  })",
                                  R"({"b":"POINT EMPTY"})"}) {
    EXPECT_EQ(shape("a.b", source), "upstream.rejected") << source;
  }
}

TEST_F(Lookup, HiddenAndMissingAreTheSame) {
  std::string held = R"({"responses":[{"hits":{"hits":[]}}]})";
  EXPECT_EQ(code_for(held, percolate("d")), "upstream.not_found");
  EXPECT_EQ(code_for(held, indexed_shape("d", "a")), "upstream.rejected");
}

TEST_F(Lookup, WithoutASourceThereIsNothingToPutIn) {
  std::string held = R"({"responses":[{"hits":{"hits":[{"_index":"logs-l","_id":"d"}]}}]})";
  EXPECT_EQ(code_for(held, percolate("d")), "upstream.rejected");
  EXPECT_EQ(code_for(held, indexed_shape("d", "a")), "upstream.rejected");
}

TEST_F(Lookup, PercolatesTheSourceAsItWasWritten) {
  std::string body = search(percolate("d"));
  std::string held = answer("{\"a\": [1.50,\"\\n\"],\r\n\"b\":{}\n}");
  EXPECT_THAT(sent(ask(body, held)),
              HasSubstr(R"({"percolate":{"document":{"a": [1.50,"\n"],  "b":{} },"field":"w"}})"));
}

TEST_F(Lookup, AStoredQueryThatNamesDocumentsIsNotPercolated) {
  EXPECT_EQ(code_for(answer(R"({"w":{"match":{"a":"x"}}})"), percolate("d")), "forward");
  EXPECT_EQ(code_for(answer(R"({"w":{"terms":{"a":{"id":"1"}}}})"), percolate("d")),
            "query.lookup");
}

TEST_F(Lookup, WhatIsNoJsonIsNotPutIn) {
  for (std::string_view source :
       {R"({"a":1}},"x":{)", R"({"a":01})", R"({"a":"\x"})", R"({"a":NaN})", R"({"a":1,"a":2})",
        R"({a:1})", R"({"a":1,})", "{\"a\":\"\n\"}", "{\"a\":\"\xff\"}"}) {
    EXPECT_EQ(code_for(answer(source), percolate("d")), "upstream.protocol") << source;
    EXPECT_EQ(code_for(answer(source), indexed_shape("d", "a")), "upstream.protocol") << source;
  }
  std::string deep = R"({"a":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_EQ(code_for(answer(deep), percolate("d")), "lookup.size");
  // One level too deep for a source, not for the answer around it.
  deep = R"({"a":)" + std::string(64, '[') + std::string(64, ']') + "}";
  EXPECT_EQ(code_for(answer(deep), percolate("d")), "lookup.size");
}

TEST_F(Lookup, ErrorsOfTheLookupAreMapped) {
  auto failed = [](std::string_view type, int status) {
    return R"({"responses":[{"error":{"root_cause":[{"type":")" + std::string(type) +
           R"(","reason":"secret"}],"type":")" + std::string(type) + R"("},"status":)" +
           std::to_string(status) + "}]}";
  };
  EXPECT_EQ(code_for(failed("index_not_found_exception", 404)), "upstream.no_index");
  EXPECT_EQ(code_for(failed("index_closed_exception", 400)), "upstream.rejected");
  EXPECT_EQ(code_for(failed("circuit_breaking_exception", 429)), "upstream.busy");
  EXPECT_EQ(code_for(failed("odd_exception", 500)), "upstream.unavailable");
}

TEST_F(Lookup, OneFailedDocumentDeniesItsOwnSearchOfSeveral) {
  target_ = "/_msearch";
  std::string body = "{\"index\":\"logs-1\"}\n" + search(lookup("d", "a")) +
                     "\n{\"index\":\"logs-1\"}\n" + search(lookup("e", "a")) + "\n";
  std::string held = R"({"responses":[{"error":{"type":"index_not_found_exception"},"status":404},)"
                     R"({"hits":{"hits":[{"_id":"e","_source":{"a":"x"}}]}}]})";
  Verdict verdict = ask(body, held);
  ASSERT_EQ(verdict.plan().items.size(), 2U);
  EXPECT_TRUE(verdict.plan().items[0].denied);
  EXPECT_EQ(verdict.plan().items[0].code, DenyCode::kUpstreamNoIndex);
  EXPECT_FALSE(verdict.plan().items[1].denied);
  EXPECT_THAT(sent(verdict), HasSubstr(R"({"f":["x"]})"));
}

TEST_F(Lookup, DepthAndNumberOfValuesAreHeld) {
  auto nested = [](int depth) {
    return R"({"a":)" + std::string(depth, '[') + "1" + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(list("a", nested(40)), "[1]");
  EXPECT_EQ(list("a", nested(100)), "lookup.size");
  EXPECT_EQ(list("a", nested(100'000)), "lookup.size");
  Limits limits;
  limits.max_terms = 3;
  workspace_ = Workspace(limits);
  EXPECT_EQ(list("a", R"({"a":[1,[2],{"b":9},3]})"), "[1,2,3]");
  EXPECT_EQ(list("a", R"({"a":[1,2,3,4]})"), "query.too_many");
}

TEST_F(Lookup, TheNumberOfDocumentsIsHeld) {
  Limits limits;
  limits.max_lookups = 2;
  workspace_ = Workspace(limits);
  auto ids = [](std::initializer_list<std::string_view> names) {
    std::string list;
    for (std::string_view id : names) list += (list.empty() ? "" : ",") + lookup(id, "a");
    return search(R"({"bool":{"must":[)" + list + "]}}");
  };
  std::string same = ids({"d", "e", "d", "e", "e"});
  Verdict verdict = ask(same);
  ASSERT_EQ(verdict.outcome(), Outcome::kForward);
  std::string text = sent(verdict);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4) << "asked for once each";
  std::string more = ids({"d", "e", "g"});
  EXPECT_EQ(ask(more).deny_code(), DenyCode::kQueryTooMany);
}

TEST_F(Lookup, WhatIsSentIsHeldToASize) {
  Limits limits;
  limits.max_forward_bytes = 2000;
  workspace_ = Workspace(limits);
  EXPECT_EQ(list("a", R"({"a":"x"})"), R"(["x"])");
  EXPECT_EQ(list("a", R"({"a":")" + std::string(2000, 'x') + R"("})"), "body.too_large");
}

TEST_F(Lookup, ThereIsNoThirdRound) {
  std::string body = search(lookup("d", "a"));
  std::string first = answer(R"({"a":"x"})");
  EXPECT_FALSE(holds_answer(ask(body, first).plan()));
  // An answer to other lookups is none.
  std::string other =
      search(R"({"bool":{"must":[)" + lookup("d", "a") + "," + lookup("e", "a") + "]}}");
  EXPECT_EQ(ask(other, first).deny_code(), DenyCode::kUpstreamProtocol);
  // Nobody asked.
  EXPECT_EQ(ask(R"({"query":{"match_all":{}}})", "garbage").outcome(), Outcome::kForward);
}

}  // namespace
}  // namespace weir
