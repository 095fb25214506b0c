#include "response/upstream_error.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/response/harness.h"

namespace weir::response {
namespace {

std::string all_shards_failed(std::string_view type) {
  return R"({"error":{"root_cause":[{"type":")" + std::string(type) +
         R"(","reason":"secret"}],"type":"search_phase_execution_exception","reason":"all shards failed","phase":"query",)"
         R"("grouped":true,"failed_shards":[{"shard":0,"index":"i","node":"n","reason":{"type":")" +
         std::string(type) + R"(","reason":"secret"}}]},"status":500})";
}

std::string plain(std::string_view type) {
  return R"({"error":{"type":")" + std::string(type) + R"(","reason":"secret"},"status":400})";
}

struct Row {
  PlanKind kind;
  int status;
  std::string body;
  DenyCode want;
};

TEST(UpstreamError, NamesItsCodeToTheLog) {
  ResponsePlan plan;
  std::string out;
  ResponseEditor failing(plan, nullptr);
  failing.begin(503);
  EXPECT_EQ(failing.finish(out), ResponseEditor::Progress::kMore);
  EXPECT_EQ(failing.upstream_problem(), DenyCode::kUpstreamUnavailable);
  ResponseEditor working(plan, nullptr);
  working.begin(200);
  EXPECT_EQ(working.finish(out), ResponseEditor::Progress::kMore);
  EXPECT_EQ(working.upstream_problem(), DenyCode::kUndecided);
}

TEST(UpstreamError, IsMappedByStatusAndClosedListOfTypes) {
  const std::vector<Row> rows = {
      {PlanKind::kStream, 400, plain("parsing_exception"), DenyCode::kUpstreamRejected},
      {PlanKind::kStream, 400, plain("index_closed_exception"), DenyCode::kUpstreamRejected},
      {PlanKind::kStream, 400, "", DenyCode::kUpstreamRejected},
      {PlanKind::kStream, 405, R"({"error":"Incorrect HTTP method"})", DenyCode::kUpstreamRejected},
      {PlanKind::kStream, 413, "<html>too large</html>", DenyCode::kUpstreamRejected},
      {PlanKind::kStream, 401, "Unauthorized", DenyCode::kUpstreamDenied},
      {PlanKind::kStream, 403, plain("security_exception"), DenyCode::kUpstreamDenied},
      {PlanKind::kStream, 404, plain("index_not_found_exception"), DenyCode::kUpstreamNoIndex},
      {PlanKind::kSealCursors, 404, plain("index_not_found_exception"), DenyCode::kUpstreamNoIndex},
      {PlanKind::kDocument, 404, all_shards_failed("index_not_found_exception"),
       DenyCode::kUpstreamNoIndex},
      {PlanKind::kStream, 404, plain("resource_not_found_exception"), DenyCode::kUpstreamNotFound},
      {PlanKind::kSealCursors, 404, all_shards_failed("search_context_missing_exception"),
       DenyCode::kCursorInvalid},
      {PlanKind::kSealCursors, 404, R"({"pits":[{"successful":false,"pit_id":"x"}]})",
       DenyCode::kCursorInvalid},
      {PlanKind::kClearCursors, 404, plain("resource_not_found_exception"),
       DenyCode::kCursorInvalid},
      {PlanKind::kStream, 404, all_shards_failed("search_context_missing_exception"),
       DenyCode::kUpstreamNotFound},
      {PlanKind::kStream, 408, "", DenyCode::kUpstreamTimeout},
      {PlanKind::kStream, 500, all_shards_failed("query_phase_execution_exception"),
       DenyCode::kUpstreamTimeout},
      {PlanKind::kStream, 504, "<html>gateway</html>", DenyCode::kUpstreamTimeout},
      {PlanKind::kStream, 429, plain("circuit_breaking_exception"), DenyCode::kUpstreamBusy},
      {PlanKind::kStream, 503, plain("circuit_breaking_exception"), DenyCode::kUpstreamBusy},
      {PlanKind::kStream, 503, all_shards_failed("rejected_execution_exception"),
       DenyCode::kUpstreamBusy},
      {PlanKind::kStream, 503, all_shards_failed("number_format_exception"),
       DenyCode::kUpstreamRejected},
      {PlanKind::kStream, 503, all_shards_failed("no_shard_available_action_exception"),
       DenyCode::kUpstreamUnavailable},
      {PlanKind::kStream, 503, plain("too_many_buckets_exception"), DenyCode::kUpstreamRejected},
      {PlanKind::kStream, 500, all_shards_failed("query_shard_exception"),
       DenyCode::kUpstreamRejected},
      {PlanKind::kStream, 500, plain("illegal_argument_exception"), DenyCode::kUpstreamRejected},
      {PlanKind::kStream, 500, plain("null_pointer_exception"), DenyCode::kUpstreamUnavailable},
      {PlanKind::kStream, 500, plain("search_timeout_exception"), DenyCode::kUpstreamTimeout},
      {PlanKind::kStream, 500, all_shards_failed("search_context_missing_exception"),
       DenyCode::kUpstreamUnavailable},
      {PlanKind::kSealCursors, 500, all_shards_failed("search_context_missing_exception"),
       DenyCode::kCursorInvalid},
      {PlanKind::kStream, 500, "{}", DenyCode::kUpstreamUnavailable},
      {PlanKind::kStream, 502, "<html>bad gateway</html>", DenyCode::kUpstreamUnavailable},
      {PlanKind::kStream, 500,
       R"({"error":{"caused_by":{"type":"x","caused_by":{"type":"parsing_exception"}}}})",
       DenyCode::kUpstreamRejected},
      // Only where OpenSearch names the type of an error does a type count.
      {PlanKind::kStream, 500, R"({"type":"parsing_exception"})", DenyCode::kUpstreamUnavailable},
      {PlanKind::kStream, 500, R"({"error":{"reason":"\"type\":\"parsing_exception\""}})",
       DenyCode::kUpstreamUnavailable},
      {PlanKind::kStream, 500, R"({"error":{"meta":{"type":"parsing_exception"}}})",
       DenyCode::kUpstreamUnavailable},
      {PlanKind::kStream, 500, R"({"error":"parsing_exception"})", DenyCode::kUpstreamUnavailable},
      {PlanKind::kStream, 500, R"({"error":{"type":"parsing_exception_"}})",
       DenyCode::kUpstreamUnavailable},
      {PlanKind::kStream, 201, "", DenyCode::kUpstreamProtocol},
      {PlanKind::kStream, 204, "", DenyCode::kUpstreamProtocol},
      {PlanKind::kStream, 301, "<html>moved</html>", DenyCode::kUpstreamProtocol},
      {PlanKind::kStream, 101, "", DenyCode::kUpstreamProtocol},
      {PlanKind::kStream, 600, "", DenyCode::kUpstreamProtocol},
      {PlanKind::kStream, 0, "", DenyCode::kUpstreamProtocol},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(deny_info(map_upstream_error(row.kind, row.status, row.body)).code,
              deny_info(row.want).code)
        << row.status << ' ' << row.body;
  }
}

TEST(UpstreamError, CountsWhatWasReadOfACutBody) {
  std::string body = all_shards_failed("parsing_exception");
  std::size_t known =
      body.find("parsing_exception") + std::string_view("parsing_exception\"").size();
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    DenyCode want = cut < known ? DenyCode::kUpstreamUnavailable : DenyCode::kUpstreamRejected;
    EXPECT_EQ(map_upstream_error(PlanKind::kStream, 500, body.substr(0, cut)), want) << cut;
  }
}

TEST(UpstreamError, SurvivesHostileBodies) {
  std::string deep = R"({"error":)";
  for (int i = 0; i < 3000; ++i) deep += R"({"caused_by":)";
  EXPECT_EQ(map_upstream_error(PlanKind::kStream, 500, deep), DenyCode::kUpstreamUnavailable);
  std::string type = R"({"error":{"type":")" + std::string(100000, 'x') + R"("}})";
  EXPECT_EQ(map_upstream_error(PlanKind::kStream, 500, type), DenyCode::kUpstreamUnavailable);
  EXPECT_EQ(map_upstream_error(PlanKind::kStream, 500, std::string(1000, '\0')),
            DenyCode::kUpstreamUnavailable);
}

// Every plan, every status: no byte of the upstream's text comes out, and it is kept for the log.
TEST(UpstreamError, NeverPasses) {
  for (PlanKind kind : {PlanKind::kStream, PlanKind::kSealCursors, PlanKind::kDocument,
                        PlanKind::kSource, PlanKind::kCount, PlanKind::kMultiSearch,
                        PlanKind::kMultiGet, PlanKind::kExists, PlanKind::kClearCursors}) {
    for (int status = 100; status < 600; ++status) {
      if (status == 200) continue;
      for (const std::string& body :
           {all_shards_failed("parsing_exception"), std::string("secret <html>"), std::string()}) {
        Case c = make_case(kind);
        ResponseEditor editor(c.plan, c.sealer);
        std::string out;
        editor.begin(status);
        EXPECT_EQ(editor.feed(body, out), ResponseEditor::Progress::kMore);
        EXPECT_EQ(out, "");
        EXPECT_EQ(editor.finish(out), ResponseEditor::Progress::kMore);
        ASSERT_TRUE(editor.head_ready());
        EXPECT_GE(editor.status(), 400);
        EXPECT_EQ(out.find("secret"), std::string::npos);
        EXPECT_TRUE(reference::valid(out)) << out;
        EXPECT_EQ(editor.upstream_error(), body);
        EXPECT_FALSE(passes_untouched(c.plan, status));
      }
    }
  }
}

TEST(UpstreamError, IsReadUpToALimit) {
  Limits limits;
  limits.max_upstream_error_bytes = 100;
  ResponsePlan plan;
  ResponseEditor editor(plan, nullptr, limits);
  editor.begin(500);
  std::string out;
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(editor.feed("0123456789", out), ResponseEditor::Progress::kMore);
  EXPECT_EQ(editor.finish(out), ResponseEditor::Progress::kMore);
  EXPECT_EQ(editor.upstream_error().size(), 100U);
  EXPECT_EQ(editor.status(), 503);
}

TEST(UpstreamError, OfAHeadHasNoBody) {
  for (PlanKind kind :
       {PlanKind::kDocument, PlanKind::kSource, PlanKind::kExists, PlanKind::kStream}) {
    Case c = make_case(kind);
    c.plan.head_only = true;
    for (int status : {400, 404, 500, 503}) {
      std::optional<reference::Answer> got = edit(c, status, {plain("x")});
      ASSERT_TRUE(got);
      EXPECT_EQ(got->body, "");
      EXPECT_EQ(got->status, status == 500 ? 503 : status);
    }
  }
}

}  // namespace
}  // namespace weir::response
