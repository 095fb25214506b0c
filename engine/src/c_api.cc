// The C face of the engine (weir/weir.h): opaque structs around the C++ values, and no exception
// across. Uses the public headers only.
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "weir/engine.h"
#include "weir/response.h"
#include "weir/weir.h"

struct weir_sink {
  std::string* out;
};

namespace {

using weir::Method;

static_assert(WEIR_DIGEST_BYTES == sizeof(weir::TokenDigest));
static_assert(static_cast<int>(Method::kGet) == WEIR_GET);
static_assert(static_cast<int>(Method::kOptions) == WEIR_OPTIONS);
static_assert(static_cast<int>(weir::Outcome::kDeny) == WEIR_DENY);
static_assert(static_cast<int>(weir::Outcome::kForward) == WEIR_FORWARD);
static_assert(static_cast<int>(weir::Outcome::kReply) == WEIR_REPLY);
static_assert(static_cast<int>(weir::CursorKind::kScroll) == WEIR_SCROLL);
static_assert(static_cast<int>(weir::CursorKind::kPointInTime) == WEIR_POINT_IN_TIME);
static_assert(static_cast<int>(weir::ResponseEditor::Progress::kFailed) == WEIR_FAILED);

weir_text to_c(std::string_view text) { return {text.data(), text.size()}; }

std::string_view from_c(weir_text text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

// C lets an enum hold any number; C++ may not even look at one that is none of its values.
bool is_method(const weir_method& method) {
  unsigned number = 0;
  static_assert(sizeof number == sizeof method);
  std::memcpy(&number, &method, sizeof number);
  return number <= static_cast<unsigned>(WEIR_OPTIONS);
}

// Runs `action`; `otherwise` if memory runs out on the way.
template <typename Action, typename Value>
Value guarded(Action&& action, Value otherwise) noexcept {
  try {
    return std::forward<Action>(action)();
  } catch (...) {
    return otherwise;
  }
}

class CallbackSealer final : public weir::Sealer {
 public:
  CallbackSealer() = default;
  explicit CallbackSealer(const weir_sealer& callbacks) : callbacks_(callbacks) {}

  bool usable() const noexcept { return callbacks_.seal != nullptr && callbacks_.open != nullptr; }

  bool seal(const weir::SealContext& context, std::string_view plain,
            std::string& out) const noexcept override {
    return call(callbacks_.seal, context, plain, out);
  }
  bool open(const weir::SealContext& context, std::string_view sealed,
            std::string& out) const noexcept override {
    return call(callbacks_.open, context, sealed, out);
  }

 private:
  using Function = int (*)(void*, const weir_seal_context*, weir_text, weir_sink*);

  bool call(Function function, const weir::SealContext& context, std::string_view text,
            std::string& out) const noexcept {
    std::size_t before = out.size();
    weir_seal_context c_context = {static_cast<weir_cursor_kind>(context.kind), context.token_id,
                                   context.token_epoch};
    weir_sink sink = {&out};
    if (function(callbacks_.user, &c_context, to_c(text), &sink) != 0) return true;
    out.resize(before);  // what a failed call has appended goes
    return false;
  }

  weir_sealer callbacks_ = {};
};

std::string problems_text(const std::vector<weir::Problem>& problems) {
  std::string text;
  for (const weir::Problem& problem : problems) {
    text += problem.where.empty() ? "the policy" : problem.where;
    text += ": " + problem.what + '\n';
  }
  return text;
}

char* copy_text(const std::string& text) {
  char* copy = new (std::nothrow) char[text.size() + 1];
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

}  // namespace

struct weir_policy {
  std::shared_ptr<const weir::PolicySnapshot> snapshot;
};

struct weir_workspace {
  weir::Workspace workspace;
};

struct weir_verdict {
  weir::Verdict verdict;
  CallbackSealer sealer;
  std::string error_body;
};

struct weir_editor {
  explicit weir_editor(const weir_verdict& verdict)
      : sealer(verdict.sealer),
        editor(verdict.verdict.plan(), sealer.usable() ? &sealer : nullptr) {}

  CallbackSealer sealer;
  std::string out;
  weir::ResponseEditor editor;
};

// --- policy

const char* weir_version(void) { return WEIR_VERSION_STRING; }

static weir_policy* load_and_compile(std::string_view json, char** problems) {
  auto refuse = [&](const std::vector<weir::Problem>& found) -> weir_policy* {
    if (problems != nullptr) *problems = copy_text(problems_text(found));
    return nullptr;
  };
  weir::Result<weir::PolicySource> source = weir::load_policy(json);
  if (!source) return refuse(source.problems());
  auto snapshot = weir::compile_policy(source.value());
  if (!snapshot) return refuse(snapshot.problems());
  return new weir_policy{std::move(snapshot).value()};
}

weir_policy* weir_policy_load(const char* json, size_t size, char** problems) {
  if (problems != nullptr) *problems = nullptr;
  weir_policy* none = nullptr;
  return guarded([&] { return load_and_compile(from_c({json, size}), problems); }, none);
}

void weir_policy_free(weir_policy* policy) { delete policy; }
void weir_text_free(char* text) { delete[] text; }

size_t weir_policy_token_count(const weir_policy* policy) {
  return policy->snapshot->token_count();
}

uint64_t weir_policy_token_epoch(const weir_policy* policy, uint32_t token_id,
                                 int64_t now_seconds) {
  return policy->snapshot->token_epoch(token_id, now_seconds);
}

int weir_sink_append(weir_sink* sink, const char* data, size_t size) {
  return guarded([&] { return sink->out->append(from_c({data, size})), 1; }, 0);
}

// --- deciding

weir_workspace* weir_workspace_new(void) {
  weir_workspace* none = nullptr;
  return guarded([] { return new weir_workspace(); }, none);
}
void weir_workspace_free(weir_workspace* workspace) { delete workspace; }

weir_verdict* weir_verdict_new(void) { return new (std::nothrow) weir_verdict(); }
void weir_verdict_free(weir_verdict* verdict) { delete verdict; }

weir_outcome weir_decide(const weir_policy* policy, const weir_request* request,
                         weir_workspace* workspace, weir_verdict* verdict) {
  if (verdict == nullptr) return WEIR_DENY;
  verdict->verdict = weir::Verdict();
  verdict->error_body.clear();
  verdict->sealer = CallbackSealer();
  if (policy == nullptr || request == nullptr || workspace == nullptr ||
      !is_method(request->method)) {
    return WEIR_DENY;
  }
  if (request->sealer != nullptr) verdict->sealer = CallbackSealer(*request->sealer);

  weir::TokenDigest digest;
  weir::RequestView view;
  view.method = static_cast<Method>(request->method);
  view.target = from_c(request->target);
  view.content_type = from_c(request->content_type);
  view.body = from_c(request->body);
  view.now_seconds = request->now_seconds;
  view.looked_up = from_c(request->looked_up);
  view.rendered = from_c(request->rendered);
  view.field_caps = from_c(request->field_caps);
  view.fields_seen = from_c(request->fields_seen);
  if (request->credential != nullptr) {
    std::memcpy(digest.bytes.data(), request->credential, digest.bytes.size());
    view.credential = &digest;
  }
  if (verdict->sealer.usable()) view.sealer = &verdict->sealer;
  verdict->verdict = weir::decide(*policy->snapshot, view, workspace->workspace);
  return weir_verdict_outcome(verdict);
}

weir_outcome weir_verdict_outcome(const weir_verdict* verdict) {
  return static_cast<weir_outcome>(verdict->verdict.outcome());
}
int weir_verdict_status(const weir_verdict* verdict) { return verdict->verdict.status(); }
weir_text weir_verdict_route(const weir_verdict* verdict) { return to_c(verdict->verdict.route()); }
uint32_t weir_verdict_token_id(const weir_verdict* verdict) { return verdict->verdict.token_id(); }
uint64_t weir_verdict_token_epoch(const weir_verdict* verdict) {
  return verdict->verdict.token_epoch();
}
weir_text weir_verdict_account(const weir_verdict* verdict) {
  return to_c(verdict->verdict.account());
}

weir_text weir_verdict_deny_code(const weir_verdict* verdict) {
  return to_c(weir::deny_info(verdict->verdict.deny_code()).code);
}
weir_text weir_verdict_deny_path(const weir_verdict* verdict) {
  return to_c(verdict->verdict.deny_path());
}
weir_text weir_verdict_deny_detail(const weir_verdict* verdict) {
  return to_c(verdict->verdict.deny_detail());
}

weir_text weir_verdict_error_body(weir_verdict* verdict) {
  if (verdict->verdict.outcome() != weir::Outcome::kDeny) return to_c({});
  auto write = [&] {
    std::string body;
    weir::append_error_body(verdict->verdict.deny_code(), verdict->verdict.deny_path(),
                            verdict->verdict.deny_detail(), body);
    verdict->error_body = std::move(body);
    return to_c(verdict->error_body);
  };
  return verdict->error_body.empty() ? guarded(write, to_c({})) : to_c(verdict->error_body);
}

weir_method weir_verdict_method(const weir_verdict* verdict) {
  return static_cast<weir_method>(verdict->verdict.method());
}
weir_text weir_verdict_target(const weir_verdict* verdict) {
  return to_c(verdict->verdict.target());
}
size_t weir_verdict_body_bytes(const weir_verdict* verdict) {
  return verdict->verdict.body_bytes();
}
size_t weir_verdict_body_pieces(const weir_verdict* verdict) {
  return verdict->verdict.body().size();
}
weir_text weir_verdict_body_piece(const weir_verdict* verdict, size_t index) {
  auto pieces = verdict->verdict.body();
  return index < pieces.size() ? to_c(pieces[index]) : to_c({});
}
weir_text weir_verdict_reply_body(const weir_verdict* verdict) {
  return to_c(verdict->verdict.reply_body());
}
weir_text weir_verdict_content_type(const weir_verdict* verdict) {
  return to_c(verdict->verdict.content_type());
}

// The names are literals, so a NUL stands behind them.
const char* weir_method_name(weir_method method) {
  return weir::method_name(is_method(method) ? static_cast<Method>(method) : Method::kGet).data();
}

// --- the answer

int weir_verdict_passes_untouched(const weir_verdict* verdict, int upstream_status) {
  return verdict->verdict.outcome() == weir::Outcome::kForward &&
         weir::passes_untouched(verdict->verdict.plan(), upstream_status);
}

weir_holds weir_verdict_holds_answer(const weir_verdict* verdict) {
  if (verdict->verdict.outcome() != weir::Outcome::kForward) return WEIR_HOLDS_NOTHING;
  const weir::ResponsePlan& plan = verdict->verdict.plan();
  if (!weir::holds_answer(plan)) return WEIR_HOLDS_NOTHING;
  if (plan.kind == weir::PlanKind::kRender) return WEIR_HOLDS_RENDERED;
  if (plan.kind == weir::PlanKind::kFieldCaps) return WEIR_HOLDS_FIELD_CAPS;
  if (plan.kind == weir::PlanKind::kFieldsSeen) return WEIR_HOLDS_FIELDS_SEEN;
  return WEIR_HOLDS_LOOKED_UP;
}

weir_editor* weir_editor_new(const weir_verdict* verdict) {
  weir_editor* none = nullptr;
  if (verdict->verdict.outcome() != weir::Outcome::kForward) return none;
  return guarded([&] { return new weir_editor(*verdict); }, none);
}
void weir_editor_free(weir_editor* editor) { delete editor; }

void weir_editor_begin(weir_editor* editor, int upstream_status) {
  editor->editor.begin(upstream_status);
}

weir_progress weir_editor_feed(weir_editor* editor, const char* data, size_t size, weir_text* out) {
  editor->out.clear();
  auto progress = editor->editor.feed(from_c({data, size}), editor->out);
  *out = to_c(editor->out);
  return static_cast<weir_progress>(progress);
}

weir_progress weir_editor_finish(weir_editor* editor, weir_text* out) {
  editor->out.clear();
  auto progress = editor->editor.finish(editor->out);
  *out = to_c(editor->out);
  return static_cast<weir_progress>(progress);
}

int weir_editor_head_ready(const weir_editor* editor) {
  return editor->editor.head_ready() ? 1 : 0;
}
int weir_editor_status(const weir_editor* editor) {
  return editor->editor.head_ready() ? editor->editor.status() : 0;
}
weir_text weir_editor_content_type(const weir_editor* editor) {
  return editor->editor.head_ready() ? to_c(editor->editor.content_type()) : to_c({});
}
weir_text weir_editor_upstream_error(const weir_editor* editor) {
  return to_c(editor->editor.upstream_error());
}
