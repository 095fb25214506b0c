// The door of this folder: which answer is edited how. Plans that need the whole answer hold it up
// to a limit; the others run the scanner and their editor over each piece as it comes.
#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "response/held_answer.h"
#include "response/hit_editor.h"
#include "response/items_editor.h"
#include "response/json_stream.h"
#include "response/passing_editor.h"
#include "response/reply.h"
#include "response/upstream_error.h"
#include "weir/response.h"

namespace weir {

using response::HitEditor;
using response::ItemsEditor;
using response::PassingEditor;

bool passes_untouched(const ResponsePlan& plan, int upstream_status) noexcept {
  return plan.kind == PlanKind::kStream && upstream_status == 200;
}

class ResponseEditor::Impl {
 public:
  Impl(const ResponsePlan& plan, const Sealer* sealer, const Limits& limits) noexcept
      : plan_(plan), sealer_(sealer), limits_(limits), reply_(plan.head_only) {
    document_.index = plan.index;
    document_.id = plan.id;
  }

  void begin(int status);
  bool feed(std::string_view piece, std::string& out);
  bool finish(std::string& out);
  void break_off() { mode_ = Mode::kNone; }

  const response::Reply& reply() const { return reply_; }
  std::string_view upstream_error() const { return error_; }
  DenyCode upstream_problem() const { return problem_; }

 private:
  enum class Mode : std::uint8_t { kNone, kPass, kNoBody, kHold, kEdit, kError };

  void begin_edit();
  void write_error(DenyCode code);
  void finish_error();
  bool finish_held();
  std::size_t max_held() const {
    return holds_answer(plan_) ? limits_.max_held_answer_bytes : limits_.max_held_response_bytes;
  }
  response::JsonEvents* editor();

  const ResponsePlan& plan_;
  const Sealer* sealer_;
  const Limits limits_;
  Mode mode_ = Mode::kNone;
  int upstream_status_ = 0;
  DenyCode problem_ = DenyCode::kUndecided;
  response::Reply reply_;
  PlanItem document_;
  response::JsonStream scanner_;
  std::variant<std::monostate, PassingEditor, HitEditor, ItemsEditor> editor_;
  std::string held_;
  std::string error_;
};

void ResponseEditor::Impl::begin(int status) {
  upstream_status_ = status;
  if (plan_.kind == PlanKind::kExists && (status == 200 || (status == 404 && plan_.head_only))) {
    mode_ = Mode::kNoBody;
    reply_.start(status);
  } else if (status != 200) {
    mode_ = Mode::kError;
  } else {
    begin_edit();
  }
}

void ResponseEditor::Impl::begin_edit() {
  mode_ = Mode::kEdit;
  switch (plan_.kind) {
    case PlanKind::kStream:
      mode_ = Mode::kPass;
      break;
    case PlanKind::kExists:
      mode_ = Mode::kNoBody;
      break;
    case PlanKind::kSealCursors:
      editor_.emplace<PassingEditor>(plan_, sealer_, limits_, false, plan_.turned_aggs, reply_);
      break;
    case PlanKind::kDocument:
    case PlanKind::kSource:
      editor_.emplace<HitEditor>(plan_, document_, limits_, false, reply_);
      break;
    case PlanKind::kMultiSearch:
    case PlanKind::kMultiGet:
      editor_.emplace<ItemsEditor>(plan_, limits_, reply_, error_);
      break;
    case PlanKind::kCount:
    case PlanKind::kClearCursors:
    case PlanKind::kLookup:
    case PlanKind::kRender:
    case PlanKind::kFieldCaps:
    case PlanKind::kFieldsSeen:
    case PlanKind::kStoredTemplate:
      mode_ = Mode::kHold;
      break;
  }
}

response::JsonEvents* ResponseEditor::Impl::editor() {
  if (auto* passing = std::get_if<PassingEditor>(&editor_)) return passing;
  if (auto* hit = std::get_if<HitEditor>(&editor_)) return hit;
  return std::get_if<ItemsEditor>(&editor_);
}

bool ResponseEditor::Impl::feed(std::string_view piece, std::string& out) {
  reply_.set_out(&out);
  switch (mode_) {
    case Mode::kNone:
      return false;
    case Mode::kPass:
      reply_.start(200);
      reply_.write(piece);
      return true;
    case Mode::kNoBody:
      return true;
    case Mode::kHold:
      if (piece.size() > max_held() - held_.size()) return false;
      held_ += piece;
      return true;
    case Mode::kEdit:
      return scanner_.feed(piece, *editor());
    case Mode::kError:
      error_.append(piece, 0, limits_.max_upstream_error_bytes - error_.size());
      return true;
  }
  return false;
}

bool ResponseEditor::Impl::finish(std::string& out) {
  reply_.set_out(&out);
  switch (mode_) {
    case Mode::kNone:
      return false;
    case Mode::kPass:
      reply_.start(200);
      return true;
    case Mode::kNoBody:
      return true;
    case Mode::kHold:
      return finish_held();
    case Mode::kEdit:
      return scanner_.finish(*editor()) && reply_.started();
    case Mode::kError:
      finish_error();
      return true;
  }
  return false;
}

void ResponseEditor::Impl::write_error(DenyCode code) {
  problem_ = code;
  std::string body;
  append_error_body(code, "", "", body);
  reply_.start(deny_info(code).status);
  reply_.write(body);
}

void ResponseEditor::Impl::finish_error() {
  std::string body;
  // Closing scrolls that are gone already is answered with 404 and the usual acknowledgement.
  if (plan_.kind == PlanKind::kClearCursors && upstream_status_ == 404 &&
      response::append_cleared(error_, body) == response::ClearedOutcome::kExact) {
    reply_.start(404);
    reply_.write(error_);
    error_.clear();
    return;
  }
  write_error(response::map_upstream_error(plan_.kind, upstream_status_, error_));
}

bool ResponseEditor::Impl::finish_held() {
  std::string body;
  if (holds_answer(plan_)) {
    body = std::move(held_);
  } else if (plan_.kind == PlanKind::kStoredTemplate) {
    std::optional<bool> is_template = response::is_search_template(held_);
    if (!is_template) return false;
    if (!*is_template) {
      write_error(DenyCode::kUpstreamNotFound);
      return true;
    }
    body = std::move(held_);
  } else if (plan_.kind == PlanKind::kCount) {
    response::CountOutcome outcome = response::append_count(held_, plan_.count_only, body);
    if (outcome == response::CountOutcome::kUnknown) return false;
    if (outcome == response::CountOutcome::kPartial) {
      write_error(DenyCode::kUpstreamUnavailable);
      return true;
    }
  } else {
    response::ClearedOutcome outcome = response::append_cleared(held_, body);
    if (outcome == response::ClearedOutcome::kUnknown) return false;
    if (outcome == response::ClearedOutcome::kExact) body = held_;
  }
  reply_.start(200);
  reply_.write(body);
  return true;
}

ResponseEditor::ResponseEditor(const ResponsePlan& plan, const Sealer* sealer, const Limits& limits)
    : impl_(new (std::nothrow) Impl(plan, sealer, limits)) {}

ResponseEditor::~ResponseEditor() = default;

void ResponseEditor::begin(int upstream_status) noexcept {
  if (impl_) impl_->begin(upstream_status);
}

// Out of memory at any point: whatever was written is incomplete, so the answer is broken off, for
// good.
ResponseEditor::Progress ResponseEditor::feed(std::string_view piece, std::string& out) noexcept {
  try {
    if (impl_ && impl_->feed(piece, out)) return Progress::kMore;
  } catch (const std::exception&) {
  }
  if (impl_) impl_->break_off();
  return Progress::kFailed;
}

ResponseEditor::Progress ResponseEditor::finish(std::string& out) noexcept {
  try {
    if (impl_ && impl_->finish(out)) return Progress::kMore;
  } catch (const std::exception&) {
  }
  if (impl_) impl_->break_off();
  return Progress::kFailed;
}

bool ResponseEditor::head_ready() const noexcept { return impl_ && impl_->reply().started(); }

int ResponseEditor::status() const noexcept { return impl_->reply().status(); }

std::string_view ResponseEditor::content_type() const noexcept {
  return "application/json; charset=UTF-8";
}

DenyCode ResponseEditor::upstream_problem() const noexcept {
  return impl_ ? impl_->upstream_problem() : DenyCode::kUndecided;
}

std::string_view ResponseEditor::upstream_error() const noexcept {
  return impl_ ? impl_->upstream_error() : std::string_view();
}

}  // namespace weir
