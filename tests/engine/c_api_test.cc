#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "support/policy.h"
#include "weir/engine.h"
#include "weir/weir.h"

extern "C" const char* weir_c_api_program(void);

namespace weir {
namespace {

TEST(CApi, WorksFromC) {
  const char* failed = weir_c_api_program();
  EXPECT_EQ(failed, nullptr) << failed;
}

TEST(CApi, EveryProblemHasItsLine) {
  std::string json = R"({"unfiltered":"deny","accounts":[],"tokens":[{},{"id":0}],"x":1})";
  char* problems = nullptr;
  EXPECT_EQ(weir_policy_load(json.data(), json.size(), &problems), nullptr);
  ASSERT_NE(problems, nullptr);
  std::string text = problems;
  weir_text_free(problems);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
  EXPECT_NE(text.find("/x: unknown key `x`"), std::string::npos);

  // Problems of meaning come from the compiler.
  json = R"({"unfiltered":"deny","accounts":[{"name":"a","indices":["_bad"]}],"tokens":[]})";
  EXPECT_EQ(weir_policy_load(json.data(), json.size(), &problems), nullptr);
  ASSERT_NE(problems, nullptr);
  EXPECT_TRUE(std::string(problems).starts_with("/accounts/0/indices")) << problems;
  weir_text_free(problems);
}

TEST(CApi, DecidesAsTheCppInterfaceDoes) {
  std::string json =
      R"({"unfiltered":"allow","accounts":[{"name":"default","indices":["logs-*"]}],"tokens":[{"id":1,"digest":")" +
      std::string("7061796d656e7473") + std::string(48, '0') +
      R"(","account":"default","filters":[{"field":"team","value":"payments"}],"expires_at":null}]})";
  weir_policy* policy = weir_policy_load(json.data(), json.size(), nullptr);
  ASSERT_NE(policy, nullptr);
  auto snapshot = support::sample_snapshot();
  TokenDigest digest = support::digest_of("payments");
  std::string body = R"({"query":{"match":{"message":"x"}},"size":3})";

  RequestView view;
  view.method = Method::kPost;
  view.target = "/logs-a/_search";
  view.content_type = "application/json";
  view.body = body;
  view.credential = &digest;
  view.now_seconds = support::kNow;
  Workspace workspace;
  Verdict expected = decide(*snapshot, view, workspace);
  ASSERT_EQ(expected.outcome(), Outcome::kForward);

  weir_request request = WEIR_REQUEST_INIT;
  request.method = WEIR_POST;
  request.target = {view.target.data(), view.target.size()};
  request.content_type = {view.content_type.data(), view.content_type.size()};
  request.body = {body.data(), body.size()};
  request.credential = digest.bytes.data();
  request.now_seconds = support::kNow;
  weir_workspace* c_workspace = weir_workspace_new();
  weir_verdict* verdict = weir_verdict_new();
  ASSERT_EQ(weir_decide(policy, &request, c_workspace, verdict), WEIR_FORWARD);
  weir_text target = weir_verdict_target(verdict);
  EXPECT_EQ(std::string_view(target.data, target.size), expected.target());
  std::string sent;
  std::string c_sent;
  for (std::string_view piece : expected.body()) sent += piece;
  for (std::size_t i = 0; i < weir_verdict_body_pieces(verdict); ++i) {
    weir_text piece = weir_verdict_body_piece(verdict, i);
    c_sent.append(piece.data, piece.size);
  }
  EXPECT_EQ(c_sent, sent);

  // A verdict that is decided anew forgets the last one.
  unsigned bad_method = 99;
  std::memcpy(&request.method, &bad_method, sizeof bad_method);
  EXPECT_EQ(weir_decide(policy, &request, c_workspace, verdict), WEIR_DENY);
  EXPECT_EQ(weir_verdict_body_pieces(verdict), 0U);
  weir_verdict_free(verdict);
  weir_workspace_free(c_workspace);
  weir_policy_free(policy);
}

TEST(CApi, SaysWhichAnswersAreDecidedBy) {
  std::string json =
      R"({"unfiltered":"allow","accounts":[{"name":"default","indices":["logs-*"]}],"tokens":[{"id":1,"digest":")" +
      std::string("7061796d656e7473") + std::string(48, '0') +
      R"(","account":"default","filters":[],"expires_at":null}]})";
  weir_policy* policy = weir_policy_load(json.data(), json.size(), nullptr);
  ASSERT_NE(policy, nullptr);
  TokenDigest digest = support::digest_of("payments");
  weir_workspace* workspace = weir_workspace_new();
  weir_verdict* verdict = weir_verdict_new();
  weir_request request = WEIR_REQUEST_INIT;
  auto text = [](std::string_view of) { return weir_text{of.data(), of.size()}; };
  request.method = WEIR_POST;
  request.target = text("/logs-a/_search/template");
  request.content_type = text("application/json");
  request.body = text(R"({"id":"x"})");
  request.credential = digest.bytes.data();
  ASSERT_EQ(weir_decide(policy, &request, workspace, verdict), WEIR_FORWARD);
  EXPECT_EQ(weir_verdict_holds_answer(verdict), WEIR_HOLDS_RENDERED);
  request.rendered = text(
      R"({"template_output":{"query":{"terms":{"f":{"index":"logs-l","id":"d","path":"a"}}}}})");
  ASSERT_EQ(weir_decide(policy, &request, workspace, verdict), WEIR_FORWARD);
  EXPECT_EQ(weir_verdict_holds_answer(verdict), WEIR_HOLDS_LOOKED_UP);
  request.looked_up = text(R"({"responses":[{"hits":{"hits":[]}}]})");
  ASSERT_EQ(weir_decide(policy, &request, workspace, verdict), WEIR_FORWARD);
  EXPECT_EQ(weir_verdict_holds_answer(verdict), WEIR_HOLDS_NOTHING);
  request.credential = nullptr;
  EXPECT_EQ(weir_decide(policy, &request, workspace, verdict), WEIR_DENY);
  EXPECT_EQ(weir_verdict_holds_answer(verdict), WEIR_HOLDS_NOTHING);
  weir_verdict_free(verdict);
  weir_workspace_free(workspace);
  weir_policy_free(policy);
}

TEST(CApi, SaysThatFieldsAreDecidedByTwoAnswers) {
  std::string json =
      R"({"unfiltered":"deny","accounts":[{"name":"default","indices":["logs-*"]}],"tokens":[{"id":1,"digest":")" +
      std::string("7061796d656e7473") + std::string(48, '0') +
      R"(","account":"default","filters":[{"field":"team","value":"a"}],"expires_at":null}]})";
  weir_policy* policy = weir_policy_load(json.data(), json.size(), nullptr);
  ASSERT_NE(policy, nullptr);
  TokenDigest digest = support::digest_of("payments");
  weir_workspace* workspace = weir_workspace_new();
  weir_verdict* verdict = weir_verdict_new();
  weir_request request = WEIR_REQUEST_INIT;
  auto text = [](std::string_view of) { return weir_text{of.data(), of.size()}; };
  request.method = WEIR_GET;
  request.target = text("/logs-a/_field_caps?fields=*");
  request.credential = digest.bytes.data();
  ASSERT_EQ(weir_decide(policy, &request, workspace, verdict), WEIR_FORWARD);
  EXPECT_EQ(weir_verdict_holds_answer(verdict), WEIR_HOLDS_FIELD_CAPS);
  request.field_caps = text(R"({"fields":{"f":{"keyword":{"searchable":true}}}})");
  ASSERT_EQ(weir_decide(policy, &request, workspace, verdict), WEIR_FORWARD);
  EXPECT_EQ(weir_verdict_holds_answer(verdict), WEIR_HOLDS_FIELDS_SEEN);
  request.fields_seen = text(R"({"aggregations":{"seen":{"buckets":[{"doc_count":0}]}}})");
  ASSERT_EQ(weir_decide(policy, &request, workspace, verdict), WEIR_REPLY);
  weir_text reply = weir_verdict_reply_body(verdict);
  EXPECT_EQ(std::string_view(reply.data, reply.size), R"({"fields":{}})");
  weir_verdict_free(verdict);
  weir_workspace_free(workspace);
  weir_policy_free(policy);
}

}  // namespace
}  // namespace weir
