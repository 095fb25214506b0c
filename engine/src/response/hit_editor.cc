#include "response/hit_editor.h"

#include "response/own_items.h"

namespace weir::response {

JsonEvents::Step HitEditor::take(Fate fate) {
  fate_ = fate;
  return Step::kWhole;
}

JsonEvents::Step HitEditor::enter(bool right_kind, Level level) {
  if (!right_kind) return Step::kFail;
  level_ = level;
  return Step::kEnter;
}

JsonEvents::Step HitEditor::value(JsonKind kind) {
  switch (level_) {
    case Level::kOutside:
      return enter(kind == JsonKind::kObject, Level::kTop);
    case Level::kTop:
      return begin_top_member(kind);
    case Level::kHits:
      return begin_hits_member(kind);
    case Level::kHitList:
      return begin_hit(kind);
    case Level::kHit:
      return begin_hit_member();
  }
  return Step::kFail;
}

JsonEvents::Step HitEditor::begin_top_member(JsonKind kind) {
  bool first = first_member_;
  first_member_ = false;
  if (name_ == Name::kError) {
    if (!item_ || !first) return Step::kFail;
    error_.begin();
    return take(Fate::kError);
  }
  if (error_.active()) return take(name_ == Name::kStatus ? Fate::kErrorStatus : Fate::kDrop);
  if (name_ != Name::kHits) return take(Fate::kDrop);
  bool again = hits_seen_;
  hits_seen_ = true;
  return enter(kind == JsonKind::kObject && !again, Level::kHits);
}

JsonEvents::Step HitEditor::begin_hits_member(JsonKind kind) {
  if (name_ != Name::kHits) return take(Fate::kDrop);
  bool again = list_seen_;
  list_seen_ = true;
  return enter(kind == JsonKind::kArray && !again, Level::kHitList);
}

JsonEvents::Step HitEditor::begin_hit(JsonKind kind) {
  if (kind != JsonKind::kObject || hit_seen_) return Step::kFail;  // one was asked for
  hit_seen_ = true;
  if (kind_ != PlanKind::kSource) {
    reply_.start(200);
    reply_.write("{");
  }
  return enter(true, Level::kHit);
}

JsonEvents::Step HitEditor::begin_hit_member() {
  bool wanted = name_ == Name::kSource;
  if (kind_ != PlanKind::kSource) {
    wanted = wanted || name_ == Name::kIndex || name_ == Name::kId || name_ == Name::kVersion ||
             name_ == Name::kRouting || name_ == Name::kFields;
  }
  if (!wanted) return take(Fate::kDrop);
  if (!once_.first(name_)) return Step::kFail;
  if (kind_ == PlanKind::kSource) {
    document_written_ = true;
    reply_.start(200);
    return take(Fate::kPass);
  }
  return begin_document_member();
}

JsonEvents::Step HitEditor::begin_document_member() {
  if (name_ == Name::kSource || name_ == Name::kFields) write_found();
  write_member(text_of(name_));
  return take(Fate::kPass);
}

void HitEditor::write_member(std::string_view key) {
  reply_.write(document_written_ ? ",\"" : "\"");
  reply_.write(key);
  reply_.write("\":");
  document_written_ = true;
}

void HitEditor::write_found() {
  if (found_written_) return;
  found_written_ = true;
  write_member("found");
  reply_.write("true");
}

bool HitEditor::bytes(std::string_view raw) {
  switch (fate_) {
    case Fate::kPass:
      reply_.write(raw);
      return true;
    case Fate::kDrop:
      return true;
    case Fate::kError:
      error_.add_error(raw);
      return true;
    case Fate::kErrorStatus:
      error_.add_status(raw);
      return true;
  }
  return false;
}

bool HitEditor::leave() {
  switch (level_) {
    case Level::kOutside:
      return false;
    case Level::kTop:
      level_ = Level::kOutside;
      return write_outcome();
    case Level::kHits:
      level_ = Level::kTop;
      return true;
    case Level::kHitList:
      level_ = Level::kHits;
      return true;
    case Level::kHit:
      level_ = Level::kHitList;
      if (kind_ == PlanKind::kSource) return true;
      write_found();
      reply_.write("}");
      return true;
  }
  return false;
}

bool HitEditor::write_outcome() {
  if (document_written_) return true;
  std::string body;
  if (error_.active()) {
    append_document_error(wanted_, error_.code(kind_), "", "", body);
  } else if (!list_seen_) {
    return false;  // not a search answer
  } else if (kind_ == PlanKind::kSource) {
    append_error_body(DenyCode::kUpstreamNotFound, "", "", body);
  } else {
    append_missing_document(wanted_.index, wanted_.id, body);
  }
  reply_.start(404);
  reply_.write(body);
  return true;
}

}  // namespace weir::response
