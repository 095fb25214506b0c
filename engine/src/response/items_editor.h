// A multi-search answer with one item for each search that was allowed becomes the answer to what
// the client sent: the refused items stand in their places, and each upstream item goes through the
// editor of its kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "response/hit_editor.h"
#include "response/json_stream.h"
#include "response/names.h"
#include "response/passing_editor.h"
#include "response/reply.h"
#include "weir/limits.h"
#include "weir/verdict.h"

namespace weir::response {

/// kMultiSearch and kMultiGet.
class ItemsEditor final : public JsonEvents {
 public:
  /// `first_error` receives the beginning of the first upstream error among the items.
  ItemsEditor(const ResponsePlan& plan, const Limits& limits, Reply& reply,
              std::string& first_error)
      : plan_(plan), limits_(limits), reply_(reply), first_error_(first_error) {}

  bool glue(std::string_view raw) override;
  void key(std::string_view name) override;
  Step value(JsonKind kind) override;
  bool bytes(std::string_view raw) override;
  bool end() override;
  bool leave() override;

 private:
  enum class Level : std::uint8_t { kOutside, kTop, kList };
  static constexpr std::size_t kMaxTookBytes = 20;

  Step begin_member(JsonKind kind);
  Step begin_item(JsonKind kind);
  void write_denied();
  void write_comma();
  void finish_item();
  JsonEvents* item();
  Step in_item(Step step);

  const ResponsePlan& plan_;
  const Limits& limits_;
  Reply& reply_;
  std::string& first_error_;
  Level level_ = Level::kOutside;
  Name name_ = Name::kOther;
  bool reading_took_ = false;
  bool list_seen_ = false;
  std::string took_;
  std::size_t next_ = 0;        // the plan's item that comes next
  std::size_t item_depth_ = 0;  // containers entered inside of the current item
  std::variant<std::monostate, PassingEditor, HitEditor> item_;
};

}  // namespace weir::response
