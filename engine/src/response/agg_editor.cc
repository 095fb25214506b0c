#include "response/agg_editor.h"

#include <utility>

namespace weir::response {

void AggEditor::write(std::string_view raw) {
  reply_.start(200);
  reply_.write(raw);
}

bool AggEditor::hold(std::string_view raw) {
  if (!too_long_ && raw.size() <= kMaxHeld - held_.size()) {
    held_ += raw;
    return true;
  }
  // Of a filter's result the brackets are left out, so its glue is never passed unseen.
  if (levels_.back().place == Place::kFilter) return false;
  if (!held_.empty()) write(held_);
  held_.clear();
  count_size_ = 0;
  too_long_ = true;
  write(raw);
  return true;
}

bool AggEditor::glue(std::string_view raw) {
  if (levels_.back().place != Place::kBuckets) return hold(raw);
  write(raw);
  return true;
}

// The count that was held back is not that of a turned aggregation.
void AggEditor::let_count_go() {
  if (count_size_ != 0) write(std::string_view(held_).substr(0, count_size_));
  held_.erase(0, count_size_);
  count_size_ = 0;
}

// Passes what stands before the key that is held. The first member of a filter's result comes
// behind what stands there already.
void AggEditor::pass_separator() {
  std::size_t quote = held_.find('"');
  Level& level = levels_.back();
  bool needed = level.place != Place::kFilter || level.written;
  if (needed) write(std::string_view(held_).substr(0, quote));
  held_.erase(0, quote);
  level.written = true;
}

AggEditor::Step AggEditor::take(Fate fate) {
  fate_ = fate;
  return Step::kWhole;
}

AggEditor::Step AggEditor::enter(Place place) {
  if (levels_.size() == kMaxLevels) return Step::kFail;
  levels_.push_back({place});
  return Step::kEnter;
}

AggEditor::Step AggEditor::turn() {
  Level& level = levels_.back();
  if (count_size_ == 0 || level.place == Place::kFilter) return Step::kFail;
  held_.clear();
  count_size_ = 0;
  level.turned = true;
  return enter(Place::kFilter);
}

AggEditor::Step AggEditor::value(JsonKind kind) {
  if (levels_.back().place != Place::kBuckets) return begin_member(kind);
  return kind == JsonKind::kObject ? enter(Place::kResult) : take(Fate::kPass);
}

AggEditor::Step AggEditor::begin_member(JsonKind kind) {
  bool passed = std::exchange(too_long_, false);
  if (levels_.back().turned) return Step::kFail;
  if (name_ == Name::kVisible && kind == JsonKind::kObject) return turn();
  let_count_go();
  if (name_ == Name::kMeta && levels_.back().place == Place::kFilter) {
    held_.clear();
    return take(Fate::kDrop);
  }
  if (!passed) {
    pass_separator();
    if (name_ == Name::kDocCount && kind == JsonKind::kNumber) return take(Fate::kCount);
    write(held_);
    held_.clear();
  }
  bool container = kind == JsonKind::kObject || kind == JsonKind::kArray;
  if (container && name_ == Name::kBuckets) return enter(Place::kBuckets);
  bool own = kind != JsonKind::kObject || name_ == Name::kHits || name_ == Name::kMeta;
  return own ? take(Fate::kPass) : enter(Place::kResult);
}

bool AggEditor::bytes(std::string_view raw) {
  switch (fate_) {
    case Fate::kPass:
      write(raw);
      return true;
    case Fate::kDrop:
      return true;
    case Fate::kCount:
      return hold(raw);
  }
  return false;
}

bool AggEditor::end() {
  if (fate_ == Fate::kCount) count_size_ = held_.size();
  return true;
}

bool AggEditor::leave() {
  too_long_ = false;
  Level level = levels_.back();
  let_count_go();
  if (level.place == Place::kFilter) {
    if (!level.written) return false;
  } else if (!held_.empty()) {
    write(held_);
  }
  held_.clear();
  levels_.pop_back();
  return true;
}

}  // namespace weir::response
