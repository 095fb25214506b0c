#include "net/asker.h"

#include <utility>

#include "weir/response.h"

namespace weir::proxy {
namespace {

// An answer to one of our own questions; larger ones are none of ours.
constexpr std::size_t kMaxAnswerBytes = 16U << 20U;
// A verdict asks for another round at most once for each member of RequestView that takes one.
constexpr int kMaxRounds = 5;

Asker::Answer refused(DenyCode code, std::string_view path, std::string_view detail) {
  Asker::Answer answer;
  answer.status = deny_info(code).status;
  answer.problem = code;
  append_error_body(code, path, detail, answer.body);
  return answer;
}

}  // namespace

Asker::Answer Asker::ask(const PolicySnapshot& policy, const TokenDigest& credential,
                         const Question& question, std::int64_t now_seconds) {
  for (std::string* held : {&looked_up_, &rendered_, &field_caps_, &fields_seen_}) held->clear();
  RequestView view;
  view.method = question.method;
  view.target = question.target;
  view.content_type = question.content_type;
  view.body = question.body;
  view.credential = &credential;
  view.now_seconds = now_seconds;
  view.sealer = sealer_;
  for (int round = 0; round < kMaxRounds; ++round) {
    const Verdict verdict = decide(policy, view, workspace_);
    switch (verdict.outcome()) {
      case Outcome::kDeny:
        return refused(verdict.deny_code(), verdict.deny_path(), verdict.deny_detail());
      case Outcome::kReply:
        return {verdict.status(), DenyCode::kUndecided, std::string(verdict.reply_body())};
      case Outcome::kForward:
        break;
    }
    Answer answer = carry_out(verdict, view);
    if (!answer.good() || !holds_answer(verdict.plan())) return answer;
  }
  return refused(DenyCode::kUpstreamProtocol, {}, {});
}

// A held answer goes into `view`.
Asker::Answer Asker::carry_out(const Verdict& verdict, RequestView& view) {
  const auto raw = upstream_.ask({.method = verdict.method(),
                                  .target = verdict.target(),
                                  .content_type = verdict.content_type(),
                                  .body = verdict.body()},
                                 kMaxAnswerBytes);
  if (!raw) return refused(DenyCode::kUpstreamUnreachable, {}, {});
  ResponseEditor editor(verdict.plan(), sealer_, workspace_.limits());
  Answer answer;
  editor.begin(raw->status);
  if (editor.feed(raw->body, answer.body) == ResponseEditor::Progress::kFailed ||
      editor.finish(answer.body) == ResponseEditor::Progress::kFailed || !editor.head_ready()) {
    return refused(DenyCode::kUpstreamProtocol, {}, {});
  }
  answer.status = editor.status();
  answer.problem = editor.upstream_problem();
  if (!answer.good()) return answer;
  switch (verdict.plan().kind) {
    case PlanKind::kLookup:
      view.looked_up = looked_up_ = std::move(answer.body);
      break;
    case PlanKind::kRender:
      view.rendered = rendered_ = std::move(answer.body);
      break;
    case PlanKind::kFieldCaps:
      view.field_caps = field_caps_ = std::move(answer.body);
      break;
    case PlanKind::kFieldsSeen:
      view.fields_seen = fields_seen_ = std::move(answer.body);
      break;
    default:
      break;
  }
  return answer;
}

}  // namespace weir::proxy
