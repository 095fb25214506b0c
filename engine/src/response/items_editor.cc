#include "response/items_editor.h"

#include "response/own_items.h"

namespace weir::response {

JsonEvents* ItemsEditor::item() {
  if (auto* passing = std::get_if<PassingEditor>(&item_)) return passing;
  return std::get_if<HitEditor>(&item_);
}

bool ItemsEditor::glue(std::string_view raw) { return item_depth_ == 0 || item()->glue(raw); }

void ItemsEditor::key(std::string_view name) {
  if (item_depth_ != 0) {
    item()->key(name);
  } else {
    name_ = name_of(name);
  }
}

JsonEvents::Step ItemsEditor::in_item(Step step) {
  if (step == Step::kEnter) ++item_depth_;
  return step;
}

JsonEvents::Step ItemsEditor::value(JsonKind kind) {
  if (item_depth_ != 0) return in_item(item()->value(kind));
  switch (level_) {
    case Level::kOutside:
      if (kind != JsonKind::kObject) return Step::kFail;
      level_ = Level::kTop;
      return Step::kEnter;
    case Level::kTop:
      return begin_member(kind);
    case Level::kList:
      return begin_item(kind);
  }
  return Step::kFail;
}

JsonEvents::Step ItemsEditor::begin_member(JsonKind kind) {
  reading_took_ = name_ == Name::kTook;
  if (reading_took_) took_.clear();
  if (reading_took_ && kind != JsonKind::kNumber) return Step::kFail;
  if (name_ == Name::kError) return Step::kFail;
  if (name_ != Name::kResponses) return Step::kWhole;
  if (kind != JsonKind::kArray || list_seen_) return Step::kFail;
  list_seen_ = true;
  level_ = Level::kList;
  reply_.start(200);
  if (plan_.kind == PlanKind::kMultiGet) {
    reply_.write(R"({"docs":[)");
  } else {
    reply_.write(R"({"took":)");
    reply_.write(took_.empty() ? "0" : took_);
    reply_.write(R"(,"responses":[)");
  }
  return Step::kEnter;
}

void ItemsEditor::write_comma() {
  if (next_ != 0) reply_.write(",");
}

void ItemsEditor::write_denied() {
  std::string body;
  while (next_ < plan_.items.size() && plan_.items[next_].denied) {
    const PlanItem& item = plan_.items[next_];
    body.clear();
    if (plan_.kind == PlanKind::kMultiGet) {
      append_document_error(item, item.code, item.deny_path, item.deny_detail, body);
    } else {
      append_error_body(item.code, item.deny_path, item.deny_detail, body);
    }
    write_comma();
    reply_.write(body);
    ++next_;
  }
}

JsonEvents::Step ItemsEditor::begin_item(JsonKind kind) {
  write_denied();
  if (next_ == plan_.items.size()) return Step::kFail;  // more than were asked for
  write_comma();
  const PlanItem& wanted = plan_.items[next_++];
  if (plan_.kind == PlanKind::kMultiGet) {
    item_.emplace<HitEditor>(plan_, wanted, limits_, true, reply_);
  } else {
    item_.emplace<PassingEditor>(plan_, nullptr, limits_, true, wanted.turned_aggs, reply_);
  }
  return in_item(item()->value(kind));
}

bool ItemsEditor::bytes(std::string_view raw) {
  if (item_depth_ != 0) return item()->bytes(raw);
  if (!reading_took_) return true;
  if (raw.size() > kMaxTookBytes - took_.size()) return false;
  took_ += raw;
  return true;
}

bool ItemsEditor::end() { return item_depth_ == 0 || item()->end(); }

void ItemsEditor::finish_item() {
  const ItemError* error = nullptr;
  if (auto* passing = std::get_if<PassingEditor>(&item_)) error = &passing->error();
  if (auto* hit = std::get_if<HitEditor>(&item_)) error = &hit->error();
  if (error != nullptr && error->active() && first_error_.empty()) first_error_ = error->text();
  item_.emplace<std::monostate>();
}

bool ItemsEditor::leave() {
  if (item_depth_ != 0) {
    if (!item()->leave()) return false;
    if (--item_depth_ == 0) finish_item();
    return true;
  }
  if (level_ == Level::kList) {
    write_denied();
    if (next_ != plan_.items.size()) return false;  // fewer than were asked for
    reply_.write("]}");
    level_ = Level::kTop;
    return true;
  }
  level_ = Level::kOutside;
  return list_seen_;
}

}  // namespace weir::response
