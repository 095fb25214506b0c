/* The same as decide.cc, in C: loads a policy, decides one search, prints the request that goes
 * upstream. */
#include <stdio.h>
#include <string.h>
#include <weir/weir.h>

static const char kPolicy[] =
    "{\"unfiltered\": \"deny\", \"accounts\": [{\"name\": \"shop\", \"indices\": [\"logs-*\"]}], "
    "\"tokens\": [{\"id\": 1, \"digest\":"
    "\"0101010101010101010101010101010101010101010101010101010101010101\", \"account\": \"shop\", "
    "\"filters\":"
    "[{\"field\": \"team\", \"value\": \"payments\"}], \"expires_at\": null}]}";

static weir_text text(const char* s) {
  weir_text out = {s, strlen(s)};
  return out;
}
static void print(weir_text t) { fwrite(t.data, 1, t.size, stdout); }

int main(void) {
  char* problems = NULL;
  weir_policy* policy = weir_policy_load(kPolicy, strlen(kPolicy), &problems);
  weir_workspace* workspace = weir_workspace_new();
  weir_verdict* verdict = weir_verdict_new();
  weir_request request = WEIR_REQUEST_INIT;
  uint8_t digest[WEIR_DIGEST_BYTES];
  size_t i;
  if (policy == NULL || workspace == NULL || verdict == NULL)
    return fputs(problems ? problems : "out of memory\n", stderr), 1;
  memset(digest, 1,
         sizeof digest); /* in earnest: the keyed hash of the token that the client presents */
  request.method = WEIR_POST;
  request.target = text("/logs-web/_search");
  request.content_type = text("application/json");
  request.body = text("{\"query\": {\"match\": {\"message\": \"error\"}}}");
  request.credential = digest;
  if (weir_decide(policy, &request, workspace, verdict) == WEIR_FORWARD) {
    printf("%s ", weir_method_name(weir_verdict_method(verdict)));
    print(weir_verdict_target(verdict));
    printf("\n\n");
    for (i = 0; i < weir_verdict_body_pieces(verdict); ++i)
      print(weir_verdict_body_piece(verdict, i));
    printf("\n");
  }
  weir_verdict_free(verdict);
  weir_workspace_free(workspace);
  weir_policy_free(policy);
  return 0;
}
