/* weir::engine from C: a policy and the bytes of a request in; deny, forward or reply out.
 *
 *   weir_policy *policy = weir_policy_load(json, json_size, &problems);
 *   weir_workspace *workspace = weir_workspace_new();     one per thread or connection
 *   weir_verdict *verdict = weir_verdict_new();           one per request in flight
 *   weir_request request = WEIR_REQUEST_INIT;
 *   ...
 *   if (weir_decide(policy, &request, workspace, verdict) == WEIR_FORWARD) ...
 *
 * Nothing here throws, blocks, logs or keeps global state. Sizes are in bytes, times in seconds
 * since 1970-01-01T00:00:00Z. Texts are not ended by NUL: use their size. Until version 1.0 the ABI
 * may change with each minor version: compile anew.
 *
 * Lifetimes. A verdict points into the request's bytes, the workspace and the policy: keep all
 * three unchanged until the verdict is decided anew or freed. An editor points into its verdict.
 * Every text that a function returns lives as long as what it was asked of, and for a verdict no
 * longer than until the next weir_decide with it or with its workspace.
 *
 * Threads. A policy may be used by any number of threads at once; a workspace, a verdict, an editor
 * by one at a time. */
#ifndef WEIR_WEIR_H_
#define WEIR_WEIR_H_

#include <stddef.h>
#include <stdint.h>

#include "weir/version.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WEIR_API __attribute__((visibility("default")))
#else
#define WEIR_API
#endif

/* Borrowed bytes. `data` may be null when `size` is 0. */
typedef struct weir_text {
  const char* data;
  size_t size;
} weir_text;

typedef struct weir_policy weir_policy;
typedef struct weir_workspace weir_workspace;
typedef struct weir_verdict weir_verdict;
typedef struct weir_editor weir_editor;

/* The version of the library that was linked, such as "0.1.0". */
WEIR_API const char* weir_version(void);

/* ---- policy ---- */

/* Reads and compiles a policy (engine/POLICY_FORMAT.md). Null if it has problems; then `*problems`,
 * unless `problems` is null, is a NUL-ended text with one line `place: what` for each, to be freed
 * with weir_text_free. It is null when memory ran out. */
WEIR_API weir_policy* weir_policy_load(const char* json, size_t size, char** problems);
WEIR_API void weir_policy_free(weir_policy* policy);
WEIR_API void weir_text_free(char* text);

WEIR_API size_t weir_policy_token_count(const weir_policy* policy);

/* The epoch of a token, 0 if there is none of this id or it has expired. A request whose verdict
 * carries another epoch must be decided again, with the new policy, before its answer is passed on.
 */
WEIR_API uint64_t weir_policy_token_epoch(const weir_policy* policy, uint32_t token_id,
                                          int64_t now_seconds);

/* ---- sealing of scroll and point-in-time ids, supplied by you ---- */

typedef enum weir_cursor_kind { WEIR_SCROLL = 1, WEIR_POINT_IN_TIME = 2 } weir_cursor_kind;

/* What a sealed id is bound to. */
typedef struct weir_seal_context {
  weir_cursor_kind kind;
  uint32_t token_id;
  uint64_t token_epoch;
} weir_seal_context;

/* Where a sealer writes its result. */
typedef struct weir_sink weir_sink;
/* 0 if memory ran out; then return 0 from the sealer too. */
WEIR_API int weir_sink_append(weir_sink* sink, const char* data, size_t size);

/* Authenticated, deterministic encryption: the same context and id give the same text, so that an
 * id keeps its name from page to page; the text is URL-safe. Both functions append to `out` and
 * return 1, or return 0 if they cannot. `open` returns 1 only for what `seal` made under exactly
 * this context. They are called from any thread that decides or edits. */
typedef struct weir_sealer {
  int (*seal)(void* user, const weir_seal_context* context, weir_text plain, weir_sink* out);
  int (*open)(void* user, const weir_seal_context* context, weir_text sealed, weir_sink* out);
  void* user;
} weir_sealer;

/* ---- deciding ---- */

typedef enum weir_method {
  WEIR_GET = 0,
  WEIR_HEAD,
  WEIR_POST,
  WEIR_PUT,
  WEIR_DELETE,
  WEIR_PATCH,
  WEIR_OPTIONS
} weir_method;

typedef enum weir_outcome { WEIR_DENY = 0, WEIR_FORWARD, WEIR_REPLY } weir_outcome;

#define WEIR_DIGEST_BYTES 32

/* One request: everything borrowed, nothing decoded. Begin with WEIR_REQUEST_INIT, so that members
 * of later versions are zero. */
typedef struct weir_request {
  weir_method method;
  weir_text target;       /* path and query as on the wire, percent-encoded */
  weir_text content_type; /* value of the header, empty when absent */
  weir_text body;         /* after de-chunking and decompression */
  const uint8_t*
      credential; /* WEIR_DIGEST_BYTES bytes: keyed hash of the presented token; null if none */
  int64_t now_seconds;
  const weir_sealer* sealer; /* copied; null: scroll and point in time are denied */
  weir_text looked_up;       /* see weir_verdict_holds_answer; empty in the first round */
  weir_text rendered;        /* the same */
  weir_text field_caps;      /* the same */
  weir_text fields_seen;     /* the same */
} weir_request;

/* clang-format off */
#define WEIR_REQUEST_INIT {WEIR_GET, {0, 0}, {0, 0}, {0, 0}, 0, 0, 0, {0, 0}, {0, 0}, {0, 0}, {0, 0}}
/* clang-format on */

/* Null if memory ran out. A workspace grows to what its requests need and allocates little from
 * then on. */
WEIR_API weir_workspace* weir_workspace_new(void);
WEIR_API void weir_workspace_free(weir_workspace* workspace);

/* Null if memory ran out. A new verdict denies. */
WEIR_API weir_verdict* weir_verdict_new(void);
WEIR_API void weir_verdict_free(weir_verdict* verdict);

/* Decides one request and returns weir_verdict_outcome(verdict). A null argument or an unknown
 * method denies. Cost: linear in the body. */
WEIR_API weir_outcome weir_decide(const weir_policy* policy, const weir_request* request,
                                  weir_workspace* workspace, weir_verdict* verdict);

WEIR_API weir_outcome weir_verdict_outcome(const weir_verdict* verdict);
/* The client's HTTP status for WEIR_DENY and WEIR_REPLY; 0 for WEIR_FORWARD. */
WEIR_API int weir_verdict_status(const weir_verdict* verdict);
/* Stable name of the matched endpoint for logs and metrics; "-" when none matched. */
WEIR_API weir_text weir_verdict_route(const weir_verdict* verdict);
/* 0 when no valid token was presented. */
WEIR_API uint32_t weir_verdict_token_id(const weir_verdict* verdict);
WEIR_API uint64_t weir_verdict_token_epoch(const weir_verdict* verdict);
/* Name of the token's account; empty when none. */
WEIR_API weir_text weir_verdict_account(const weir_verdict* verdict);

/* WEIR_DENY: the stable code ("agg.global"), the place (a JSON pointer into the body, or `?name`
 * for a URI parameter; may be empty) and the offending name (may be empty), and the whole body of
 * the error for the client, in OpenSearch's shape. */
WEIR_API weir_text weir_verdict_deny_code(const weir_verdict* verdict);
WEIR_API weir_text weir_verdict_deny_path(const weir_verdict* verdict);
WEIR_API weir_text weir_verdict_deny_detail(const weir_verdict* verdict);
WEIR_API weir_text weir_verdict_error_body(weir_verdict* verdict);

/* WEIR_FORWARD: what to send upstream. The body is the pieces, one after the other; none means no
 * body. */
WEIR_API weir_method weir_verdict_method(const weir_verdict* verdict);
WEIR_API weir_text weir_verdict_target(const weir_verdict* verdict);
WEIR_API size_t weir_verdict_body_bytes(const weir_verdict* verdict);
WEIR_API size_t weir_verdict_body_pieces(const weir_verdict* verdict);
/* Empty if there is no such piece. */
WEIR_API weir_text weir_verdict_body_piece(const weir_verdict* verdict, size_t index);

/* WEIR_REPLY: what to answer; there is no upstream request. */
WEIR_API weir_text weir_verdict_reply_body(const weir_verdict* verdict);
/* The media type of the request to send (WEIR_FORWARD) or of the reply (WEIR_REPLY); empty exactly
 * when there is no body. */
WEIR_API weir_text weir_verdict_content_type(const weir_verdict* verdict);

/* The method's name on the wire, NUL-ended; "GET" for a value that is none. */
WEIR_API const char* weir_method_name(weir_method method);

/* ---- the upstream's answer to a WEIR_FORWARD ---- */

/* 1 if an answer with this status may be passed on byte for byte (also compressed), without an
 * editor. */
WEIR_API int weir_verdict_passes_untouched(const weir_verdict* verdict, int upstream_status);

/* Whether the answer is for the client (WEIR_HOLDS_NOTHING). If not, an editor yields it whole; unless
 * that answers with an error, put it into the named member of the same request and decide that again
 * with the same policy. Each happens once for a request at most. If the token's epoch has moved
 * meanwhile, begin anew with the member empty. */
typedef enum weir_holds {
  WEIR_HOLDS_NOTHING = 0,
  WEIR_HOLDS_LOOKED_UP,
  WEIR_HOLDS_RENDERED,
  WEIR_HOLDS_FIELD_CAPS,
  WEIR_HOLDS_FIELDS_SEEN
} weir_holds;
WEIR_API weir_holds weir_verdict_holds_answer(const weir_verdict* verdict);

typedef enum weir_progress { WEIR_MORE = 0, WEIR_FAILED } weir_progress;

/* An editor for one answer, which uses the verdict and the sealer of its request. Null if memory
 * ran out or the verdict is no WEIR_FORWARD. Begin it with the upstream's status, feed it every
 * piece of the decompressed body, finish it.
 *
 * The client's status is known once weir_editor_head_ready; until then `*out` stays empty. `*out`
 * is what to send to the client next and lives until the next call with the editor. After
 * WEIR_FAILED send nothing more: close the connection, or answer 502 if the head was not ready yet.
 */
WEIR_API weir_editor* weir_editor_new(const weir_verdict* verdict);
WEIR_API void weir_editor_free(weir_editor* editor);
WEIR_API void weir_editor_begin(weir_editor* editor, int upstream_status);
WEIR_API weir_progress weir_editor_feed(weir_editor* editor, const char* data, size_t size,
                                        weir_text* out);
WEIR_API weir_progress weir_editor_finish(weir_editor* editor, weir_text* out);
WEIR_API int weir_editor_head_ready(const weir_editor* editor);
/* 0 and an empty text before the head is ready. */
WEIR_API int weir_editor_status(const weir_editor* editor);
WEIR_API weir_text weir_editor_content_type(const weir_editor* editor);
/* For your log only, never for the client: the beginning of an upstream error as it came. */
WEIR_API weir_text weir_editor_upstream_error(const weir_editor* editor);

#ifdef __cplusplus
}
#endif

#endif /* WEIR_WEIR_H_ */
