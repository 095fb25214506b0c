// How turned aggregations are turned back, slowly: on the tree of the whole answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/response/reference_tree.h"
#include "response/agg_editor.h"

namespace weir::response::reference {

/// Collects what is cut out of `text`, in order. False if the answer has to be broken off.
class AggTurner {
 public:
  explicit AggTurner(std::vector<Edit>& edits) : edits_(edits) {}

  /// `aggregations` or a result, a bucket; with `filter` the result that takes another's place.
  bool turn(const Node& object, std::size_t level = 1, bool filter = false) {
    for (std::size_t i = 0; i < object.keys.size(); ++i) {
      if (filter && gap(object, i) > AggEditor::kMaxHeld) return false;
      if (is_ours(object, i)) return !filter && turn_member(object, i, level);
      if (filter && object.keys[i] == "meta") {
        drop_meta(object, i);
      } else if (!turn_below(object.keys[i], object.values[i], level)) {
        return false;
      }
    }
    return true;
  }

 private:
  static bool is_ours(const Node& object, std::size_t i) {
    bool named = object.keys[i] == "weir.visible" || object.keys[i] == "filter#weir.visible";
    return named && object.values[i].kind == '{';
  }
  static std::size_t before(const Node& object, std::size_t i) {
    return i == 0 ? object.begin : object.values[i - 1].end;
  }
  static std::size_t gap(const Node& object, std::size_t i) {
    return object.values[i].begin - before(object, i);
  }
  void cut(std::size_t begin, std::size_t end) {
    if (begin != end) edits_.push_back({begin, end, ""});
  }

  bool turn_below(const std::string& key, const Node& value, std::size_t level) {
    bool container = value.kind == '{' || value.kind == '[';
    bool list = container && key == "buckets";
    bool result = value.kind == '{' && key != "hits" && key != "meta";
    if (!list && !result) return true;
    if (level == AggEditor::kMaxLevels) return false;
    if (!list) return turn(value, level + 1);
    for (const Node& bucket : value.values) {
      if (bucket.kind != '{') continue;
      if (level + 1 == AggEditor::kMaxLevels || !turn(bucket, level + 2)) return false;
    }
    return true;
  }

  // Members of a filter's result: what stands before the first that is kept is cut already.
  void drop_meta(const Node& object, std::size_t i) {
    if (i > first_kept(object)) cut(before(object, i), object.values[i].end);
  }
  static std::size_t first_kept(const Node& object) {
    std::size_t i = 0;
    while (i < object.keys.size() && object.keys[i] == "meta") ++i;
    return i;
  }

  bool turn_member(const Node& object, std::size_t i, std::size_t level) {
    const Node& filter = object.values[i];
    if (i == 0 || i + 1 != object.keys.size() || level == AggEditor::kMaxLevels) return false;
    if (object.keys[i - 1] != "doc_count" || object.values[i - 1].kind != '0') return false;
    std::size_t count = object.key_begins[i - 1];
    if (gap(object, i - 1) > AggEditor::kMaxHeld) return false;
    if (filter.begin - count > AggEditor::kMaxHeld) return false;
    std::size_t first = first_kept(filter);
    if (first == filter.keys.size()) return false;
    if (filter.end - filter.values.back().end > AggEditor::kMaxHeld) return false;
    cut(count, filter.key_begins[first]);
    if (!turn(filter, level + 1, true)) return false;
    cut(filter.values.back().end, filter.end);
    return true;
  }

  std::vector<Edit>& edits_;
};

}  // namespace weir::response::reference
