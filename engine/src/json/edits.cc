#include "json/edits.h"

#include <algorithm>

namespace weir {
namespace {
void append_piece(std::string_view piece, std::vector<std::string_view>& pieces) {
  if (!piece.empty()) pieces.push_back(piece);
}
}  // namespace

void Edits::sort() {
  // Not stable_sort, which allocates.
  std::sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.made < b.made;
  });
}

// The end is one past the last byte, so that an edit at the very end of the text applies.
void Edits::apply(std::string_view text, std::vector<std::string_view>& pieces) {
  sort();
  apply_range(text, 0, text.size() + 1, false, pieces);
}

void Edits::apply_as_copy(std::string_view text, std::vector<std::string_view>& pieces) {
  sort();
  apply_range(text, 0, text.size() + 1, true, pieces);
}

void Edits::apply_range(std::string_view text, std::size_t begin, std::size_t end, bool in_copy,
                        std::vector<std::string_view>& pieces) const {
  std::size_t at = begin;
  auto first =
      std::lower_bound(edits_.begin(), edits_.end(), begin,
                       [](const Edit& e, std::size_t offset) { return e.offset < offset; });
  for (auto edit = first; edit != edits_.end() && edit->offset < end; ++edit) {
    // INVARIANT: an edit whose place was replaced by an earlier one has no effect.
    bool left_out = edit->is_guard || (edit->is_wrap && edit->offset == begin);
    if (edit->offset < at || (in_copy && left_out)) continue;
    append_piece(text.substr(at, edit->offset - at), pieces);
    // A copy is never made inside a copy: that is what bounds the output to twice the input per
    // section.
    if (edit->is_copy && !in_copy) {
      apply_range(text, edit->copy_begin, edit->copy_end, true, pieces);
    } else {
      append_piece(in_copy && edit->differs ? edit->in_copy : edit->text, pieces);
    }
    at = edit->offset + edit->size;
  }
  if (at < std::min(end, text.size())) {
    append_piece(text.substr(at, std::min(end, text.size()) - at), pieces);
  }
}

}  // namespace weir
