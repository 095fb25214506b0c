// Turns the answer to a search for one document back into that document: the members of the hit
// that a _doc answer has, or its bare source. The source streams through; nothing else of the
// search answer comes out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "response/json_stream.h"
#include "response/names.h"
#include "response/reply.h"
#include "response/upstream_error.h"
#include "weir/limits.h"
#include "weir/verdict.h"

namespace weir::response {

/// Edits one search answer: a whole one (kDocument, kSource) or, with `item`, an item of a
/// multi-search (kMultiGet).
class HitEditor final : public JsonEvents {
 public:
  /// `wanted` names the document when it is missing and must outlive the editor, as must the
  /// others.
  HitEditor(const ResponsePlan& plan, const PlanItem& wanted, const Limits& limits, bool item,
            Reply& reply)
      : kind_(plan.kind),
        wanted_(wanted),
        item_(item),
        reply_(reply),
        error_(limits.max_upstream_error_bytes) {}

  bool glue(std::string_view) override { return true; }
  void key(std::string_view name) override { name_ = name_of(name); }
  Step value(JsonKind kind) override;
  bool bytes(std::string_view raw) override;
  bool end() override { return true; }
  bool leave() override;

  const ItemError& error() const { return error_; }

 private:
  enum class Level : std::uint8_t { kOutside, kTop, kHits, kHitList, kHit };
  enum class Fate : std::uint8_t { kPass, kDrop, kError, kErrorStatus };

  Step take(Fate fate);
  Step enter(bool right_kind, Level level);
  Step begin_top_member(JsonKind kind);
  Step begin_hits_member(JsonKind kind);
  Step begin_hit(JsonKind kind);
  Step begin_hit_member();
  Step begin_document_member();
  void write_member(std::string_view key);
  void write_found();
  bool write_outcome();

  const PlanKind kind_;
  const PlanItem& wanted_;
  const bool item_;
  Reply& reply_;
  Level level_ = Level::kOutside;
  Fate fate_ = Fate::kDrop;
  Name name_ = Name::kOther;
  bool first_member_ = true;  // of an item: an error has `error` here
  bool hits_seen_ = false;
  bool list_seen_ = false;
  bool hit_seen_ = false;
  bool document_written_ = false;  // something the client sees as the document
  bool found_written_ = false;
  OnlyOnce once_;  // members of the hit
  ItemError error_;
};

}  // namespace weir::response
