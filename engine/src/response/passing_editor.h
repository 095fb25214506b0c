// Passes an answer byte for byte except for what must not leave: cursor ids are sealed
// (kSealCursors), an item that is an error is mapped (kMultiSearch), turned aggregations are turned
// back, and the texts of shard failures are left out of `_shards`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "response/agg_editor.h"
#include "response/json_stream.h"
#include "response/names.h"
#include "response/reply.h"
#include "response/upstream_error.h"
#include "weir/limits.h"
#include "weir/verdict.h"

namespace weir::response {

/// Edits one JSON object. With `item` it is one item of a multi-search answer, otherwise a whole
/// answer.
class PassingEditor final : public JsonEvents {
 public:
  /// `sealer` may be null: then an answer with a cursor in it fails.
  /// `turned`: the answer's aggregations are to be turned back.
  PassingEditor(const ResponsePlan& plan, const Sealer* sealer, const Limits& limits, bool item,
                bool turned, Reply& reply)
      : plan_(plan),
        sealer_(sealer),
        limits_(limits),
        item_(item),
        turned_(turned),
        undecided_(item),
        reply_(reply),
        aggs_(reply),
        error_(limits.max_upstream_error_bytes) {}

  bool glue(std::string_view raw) override;
  void key(std::string_view name) override;
  Step value(JsonKind kind) override;
  bool bytes(std::string_view raw) override;
  bool end() override;
  bool leave() override;

  const ItemError& error() const { return error_; }

 private:
  enum class Level : std::uint8_t { kOutside, kTop, kShards, kPits, kPit, kAggs };
  enum class Fate : std::uint8_t { kPass, kDrop, kCursor, kError, kErrorStatus };

  // The white space, key and punctuation that may have to be taken back before a member is passed.
  static constexpr std::size_t kMaxHeldGlue = 4096;

  Step take(Fate fate);
  Step begin_top_member(Name name, JsonKind kind);
  Step begin_error_member(Name name);
  Step begin_shards_member(Name name);
  void write(std::string_view raw);
  void release();
  bool seal();

  const ResponsePlan& plan_;
  const Sealer* sealer_;
  const Limits& limits_;
  const bool item_;
  const bool turned_;
  bool undecided_;  // the first key of an item tells whether it is an error
  Reply& reply_;
  AggEditor aggs_;
  Level level_ = Level::kOutside;
  Fate fate_ = Fate::kPass;
  Name name_ = Name::kOther;
  CursorKind cursor_kind_ = CursorKind::kScroll;
  bool shards_written_ = false;  // a member of `_shards` has been passed
  std::string held_;             // glue not yet decided about
  std::string cursor_;           // a cursor id as it came, quotes included
  ItemError error_;
};

}  // namespace weir::response
