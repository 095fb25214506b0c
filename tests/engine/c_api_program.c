/* The C header used from C11: every function once, with the pedantic warnings as errors. The answer
 * is what went wrong. */
#include <stdio.h>
#include <string.h>

#include "weir/weir.h"

const char* weir_c_api_program(void);

#define CHECK(condition)                 \
  do {                                   \
    if (!(condition)) return #condition; \
  } while (0)

static const char kPolicy[] =
    "{\"unfiltered\":\"deny\",\"accounts\":[{\"name\":\"shop\",\"indices\":[\"logs-*\"]}],"
    "\"tokens\":[{\"id\":1,\"digest\":"
    "\"0101010101010101010101010101010101010101010101010101010101010101\",\"account\":\"shop\","
    "\"filters\":[{\"field\":"
    "\"team\",\"value\":\"blue\"}],\"expires_at\":2000}]}";

static weir_text text(const char* literal) {
  weir_text out;
  out.data = literal;
  out.size = strlen(literal);
  return out;
}

static int equals(weir_text a, const char* b) {
  return a.size == strlen(b) && memcmp(a.data, b, a.size) == 0;
}

static int contains(weir_text haystack, const char* needle) {
  size_t size = strlen(needle), i;
  for (i = 0; i + size <= haystack.size; ++i) {
    if (memcmp(haystack.data + i, needle, size) == 0) return 1;
  }
  return 0;
}

/* Not cryptography: writes the token in front, and counts its calls. */
static int seal(void* user, const weir_seal_context* context, weir_text plain, weir_sink* out) {
  char head[32];
  int size = snprintf(head, sizeof head, "sealed-%u-%u-", (unsigned)context->kind,
                      (unsigned)context->token_id);
  ++*(int*)user;
  return weir_sink_append(out, head, (size_t)size) && weir_sink_append(out, plain.data, plain.size);
}
static int open(void* user, const weir_seal_context* context, weir_text sealed, weir_sink* out) {
  char head[32];
  int size = snprintf(head, sizeof head, "sealed-%u-%u-", (unsigned)context->kind,
                      (unsigned)context->token_id);
  ++*(int*)user;
  weir_sink_append(out, "rubbish", 7);
  if (sealed.size < (size_t)size || memcmp(sealed.data, head, (size_t)size) != 0) return 0;
  return 0; /* opens nothing: what it appended must not be used */
}

static const char* check_loading(weir_policy** policy) {
  char* problems = NULL;
  CHECK(weir_policy_load("[", 1, &problems) == NULL);
  CHECK(problems != NULL && strstr(problems, "1:2: not JSON") != NULL);
  weir_text_free(problems);
  CHECK(weir_policy_load("{}", 2, NULL) == NULL);
  *policy = weir_policy_load(kPolicy, strlen(kPolicy), &problems);
  CHECK(*policy != NULL && problems == NULL);
  CHECK(weir_policy_token_count(*policy) == 1);
  CHECK(weir_policy_token_epoch(*policy, 1, 1999) == 1);
  CHECK(weir_policy_token_epoch(*policy, 1, 2000) == 0);
  CHECK(strcmp(weir_version(), WEIR_VERSION_STRING) == 0);
  CHECK(strcmp(weir_method_name(WEIR_DELETE), "DELETE") == 0);
  CHECK(strcmp(weir_method_name((weir_method)99), "GET") == 0);
  return NULL;
}

static const char* check_denying(const weir_policy* policy, weir_request request,
                                 weir_workspace* workspace, weir_verdict* verdict) {
  CHECK(weir_verdict_outcome(verdict) == WEIR_DENY);
  CHECK(weir_decide(NULL, &request, workspace, verdict) == WEIR_DENY);
  CHECK(weir_decide(policy, NULL, workspace, verdict) == WEIR_DENY);
  CHECK(weir_decide(policy, &request, NULL, verdict) == WEIR_DENY);
  CHECK(weir_decide(policy, &request, workspace, NULL) == WEIR_DENY);

  request.body = text("{\"aggs\":{\"a\":{\"sampler\":{}}}}");
  CHECK(weir_decide(policy, &request, workspace, verdict) == WEIR_DENY);
  CHECK(weir_verdict_status(verdict) == 403);
  CHECK(equals(weir_verdict_deny_code(verdict), "agg.sampler"));
  CHECK(equals(weir_verdict_deny_path(verdict), "/aggs/a/sampler"));
  CHECK(contains(weir_verdict_error_body(verdict), "\"code\":\"agg.sampler\""));
  CHECK(weir_editor_new(verdict) == NULL);

  request.credential = NULL;
  CHECK(weir_decide(policy, &request, workspace, verdict) == WEIR_DENY);
  CHECK(weir_verdict_status(verdict) == 401 && weir_verdict_token_id(verdict) == 0);
  CHECK(contains(weir_verdict_error_body(verdict), "\"status\":401"));
  return NULL;
}

static const char* check_forwarding(const weir_policy* policy, weir_request request,
                                    weir_workspace* workspace, weir_verdict* verdict) {
  char body[4096];
  weir_text whole = {body, 0};
  size_t i;
  CHECK(weir_decide(policy, &request, workspace, verdict) == WEIR_FORWARD);
  CHECK(weir_verdict_status(verdict) == 0 && equals(weir_verdict_route(verdict), "search"));
  CHECK(weir_verdict_token_id(verdict) == 1 && weir_verdict_token_epoch(verdict) == 1);
  CHECK(equals(weir_verdict_account(verdict), "shop"));
  CHECK(weir_verdict_method(verdict) == WEIR_POST);
  CHECK(contains(weir_verdict_target(verdict), "/logs-*/_search?"));
  CHECK(equals(weir_verdict_content_type(verdict), "application/json"));
  CHECK(weir_verdict_body_bytes(verdict) < sizeof body);
  for (i = 0; i < weir_verdict_body_pieces(verdict); ++i) {
    weir_text piece = weir_verdict_body_piece(verdict, i);
    memcpy(body + whole.size, piece.data, piece.size);
    whole.size += piece.size;
  }
  CHECK(whole.size == weir_verdict_body_bytes(verdict));
  CHECK(weir_verdict_body_piece(verdict, i).size == 0);
  CHECK(contains(whole, "{\"team\":{\"value\":\"blue\"}}") &&
        contains(whole, "{\"match_all\":{}}"));
  CHECK(weir_verdict_error_body(verdict).size == 0);
  return NULL;
}

static const char* check_replying(const weir_policy* policy, weir_request request,
                                  weir_workspace* workspace, weir_verdict* verdict) {
  request.target = text("/");
  request.method = WEIR_GET;
  request.body.size = 0;
  CHECK(weir_decide(policy, &request, workspace, verdict) == WEIR_REPLY);
  CHECK(weir_verdict_status(verdict) == 200);
  CHECK(contains(weir_verdict_reply_body(verdict), "3.4.0"));
  CHECK(contains(weir_verdict_content_type(verdict), "application/json"));
  return NULL;
}

static const char* check_editing(const weir_policy* policy, weir_request request,
                                 weir_workspace* workspace, weir_verdict* verdict) {
  static const char kAnswer[] = "{\"_scroll_id\":\"abc\",\"hits\":{\"hits\":[]}}";
  int calls = 0;
  weir_sealer sealer = {seal, open, &calls};
  weir_editor* editor;
  weir_text out;
  request.target = text("/logs-a/_search?scroll=1m");
  CHECK(weir_decide(policy, &request, workspace, verdict) == WEIR_DENY); /* no sealer */
  CHECK(equals(weir_verdict_deny_code(verdict), "cursor.unavailable"));
  request.sealer = &sealer;
  CHECK(weir_decide(policy, &request, workspace, verdict) == WEIR_FORWARD);
  CHECK(!weir_verdict_passes_untouched(verdict, 200));

  editor = weir_editor_new(verdict);
  CHECK(editor != NULL && weir_editor_status(editor) == 0);
  weir_editor_begin(editor, 200);
  CHECK(weir_editor_feed(editor, kAnswer, strlen(kAnswer), &out) == WEIR_MORE);
  CHECK(contains(out, "sealed-1-1-abc") && calls == 1);
  CHECK(weir_editor_finish(editor, &out) == WEIR_MORE);
  CHECK(weir_editor_head_ready(editor) && weir_editor_status(editor) == 200);
  CHECK(contains(weir_editor_content_type(editor), "application/json"));
  weir_editor_free(editor);

  editor = weir_editor_new(verdict);
  CHECK(editor != NULL);
  weir_editor_begin(editor, 503);
  CHECK(weir_editor_feed(editor, "secret", 6, &out) == WEIR_MORE && out.size == 0);
  CHECK(weir_editor_finish(editor, &out) == WEIR_MORE);
  CHECK(weir_editor_status(editor) == 503 && !contains(out, "secret"));
  weir_editor_free(editor);

  request.method = WEIR_POST;
  request.target = text("/_search/scroll");
  request.body = text("{\"scroll_id\":\"sealed-1-1-abc\"}");
  CHECK(weir_decide(policy, &request, workspace, verdict) == WEIR_DENY);
  CHECK(equals(weir_verdict_deny_code(verdict), "cursor.invalid") && calls == 2);
  return NULL;
}

const char* weir_c_api_program(void) {
  uint8_t digest[WEIR_DIGEST_BYTES];
  weir_policy* policy = NULL;
  weir_workspace* workspace = weir_workspace_new();
  weir_verdict* verdict = weir_verdict_new();
  weir_request request = WEIR_REQUEST_INIT;
  const char* failed;
  memset(digest, 1, sizeof digest);
  request.method = WEIR_POST;
  request.target = text("/logs-*/_search");
  request.content_type = text("application/json");
  request.body = text("{\"query\":{\"match_all\":{}}}");
  request.credential = digest;
  request.now_seconds = 1000;

  failed = check_loading(&policy);
  if (failed == NULL) failed = check_denying(policy, request, workspace, verdict);
  if (failed == NULL) failed = check_forwarding(policy, request, workspace, verdict);
  if (failed == NULL) failed = check_replying(policy, request, workspace, verdict);
  if (failed == NULL) failed = check_editing(policy, request, workspace, verdict);

  weir_verdict_free(verdict);
  weir_workspace_free(workspace);
  weir_policy_free(policy);
  return failed;
}
