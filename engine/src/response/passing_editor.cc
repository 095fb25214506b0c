#include "response/passing_editor.h"

#include "json/text.h"

namespace weir::response {

void PassingEditor::write(std::string_view raw) {
  reply_.start(200);
  reply_.write(raw);
}

void PassingEditor::release() {
  if (!held_.empty()) write(held_);
  held_.clear();
}

bool PassingEditor::glue(std::string_view raw) {
  if (error_.active()) return true;
  if (level_ == Level::kAggs) return aggs_.glue(raw);
  if (!undecided_ && level_ != Level::kShards) {
    write(raw);
    return true;
  }
  if (raw.size() > kMaxHeldGlue - held_.size()) return false;
  held_ += raw;
  return true;
}

void PassingEditor::key(std::string_view name) {
  if (level_ == Level::kAggs) {
    aggs_.key(name);
  } else {
    name_ = name_of(name);
  }
}

JsonEvents::Step PassingEditor::take(Fate fate) {
  fate_ = fate;
  return Step::kWhole;
}

JsonEvents::Step PassingEditor::value(JsonKind kind) {
  switch (level_) {
    case Level::kOutside:
      if (kind != JsonKind::kObject) return Step::kFail;
      level_ = Level::kTop;
      return Step::kEnter;
    case Level::kTop:
      return begin_top_member(name_, kind);
    case Level::kShards:
      return begin_shards_member(name_);
    case Level::kPits:
      if (kind != JsonKind::kObject) return Step::kFail;
      level_ = Level::kPit;
      return Step::kEnter;
    case Level::kPit:
      if (name_ != Name::kPitId) return take(Fate::kPass);
      cursor_kind_ = CursorKind::kPointInTime;
      return kind == JsonKind::kString ? take(Fate::kCursor) : Step::kFail;
    case Level::kAggs:
      return aggs_.value(kind);
  }
  return Step::kFail;
}

JsonEvents::Step PassingEditor::begin_top_member(Name name, JsonKind kind) {
  if (error_.active()) return begin_error_member(name);
  if (name == Name::kError) {
    if (!undecided_) return Step::kFail;  // too late to take back what was passed
    undecided_ = false;
    held_.clear();
    error_.begin();
    return take(Fate::kError);
  }
  undecided_ = false;
  release();
  if (name == Name::kShards && kind == JsonKind::kObject) {
    level_ = Level::kShards;
    shards_written_ = false;
    return Step::kEnter;
  }
  if (turned_ && name == Name::kAggregations && kind == JsonKind::kObject) {
    level_ = Level::kAggs;
    aggs_.begin();
    return Step::kEnter;
  }
  if (item_) return take(Fate::kPass);
  if (name == Name::kPits) {
    if (kind != JsonKind::kArray) return Step::kFail;
    level_ = Level::kPits;
    return Step::kEnter;
  }
  if (name != Name::kScrollId && name != Name::kPitId) return take(Fate::kPass);
  cursor_kind_ = name == Name::kScrollId ? CursorKind::kScroll : CursorKind::kPointInTime;
  return kind == JsonKind::kString ? take(Fate::kCursor) : Step::kFail;
}

JsonEvents::Step PassingEditor::begin_error_member(Name name) {
  if (name == Name::kError) return Step::kFail;
  return take(name == Name::kStatus ? Fate::kErrorStatus : Fate::kDrop);
}

JsonEvents::Step PassingEditor::begin_shards_member(Name name) {
  if (name == Name::kFailures) {
    held_.resize(held_.starts_with('{') ? 1 : 0);
    return take(Fate::kDrop);
  }
  // The comma of a dropped first member is in the way.
  if (!shards_written_) {
    std::size_t comma = held_.find_first_of(",\"");
    if (held_[comma] == ',') held_.erase(comma, 1);
  }
  shards_written_ = true;
  release();
  return take(Fate::kPass);
}

bool PassingEditor::bytes(std::string_view raw) {
  if (level_ == Level::kAggs) return aggs_.bytes(raw);
  switch (fate_) {
    case Fate::kPass:
      write(raw);
      return true;
    case Fate::kDrop:
      return true;
    case Fate::kCursor:
      // A byte takes at most six of an escaped string.
      if (raw.size() > limits_.max_cursor_bytes * 6 + 2 - cursor_.size()) return false;
      cursor_ += raw;
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

bool PassingEditor::end() {
  if (level_ == Level::kAggs) return aggs_.end();
  return fate_ != Fate::kCursor || seal();
}

bool PassingEditor::seal() {
  Arena arena;
  auto plain = decode_json_string(std::string_view(cursor_).substr(1, cursor_.size() - 2), arena);
  if (!plain || sealer_ == nullptr || plain->size() > limits_.max_cursor_bytes) return false;
  SealContext context = plan_.seal;
  context.kind = cursor_kind_;
  std::string sealed;
  if (!sealer_->seal(context, *plain, sealed)) return false;
  cursor_.clear();
  std::string quoted;
  append_json_string(sealed, quoted);
  write(quoted);
  return true;
}

bool PassingEditor::leave() {
  switch (level_) {
    case Level::kOutside:
      return false;
    case Level::kTop:
      level_ = Level::kOutside;
      break;
    case Level::kShards:
    case Level::kPits:
      level_ = Level::kTop;
      break;
    case Level::kPit:
      level_ = Level::kPits;
      break;
    case Level::kAggs:
      if (!aggs_.leave()) return false;
      if (aggs_.done()) level_ = Level::kTop;
      return true;
  }
  release();
  if (level_ != Level::kOutside || !error_.active()) return true;
  std::string body;
  append_error_body(error_.code(plan_.kind), "", "", body);
  write(body);
  return true;
}

}  // namespace weir::response
