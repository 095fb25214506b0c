#include "json/edits.h"

#include <algorithm>

namespace weir {
namespace {
void append_piece(std::string_view piece, std::vector<std::string_view>& pieces) {
  if (!piece.empty()) pieces.push_back(piece);
}
}  // namespace

// Most are in order already.
void Edits::sort() {
  constexpr std::size_t kFew = 32;
  if (places_.size() > kFew) {
    std::sort(places_.begin(), places_.end());
    return;
  }
  for (std::size_t i = 1; i < places_.size(); ++i) {
    Place place = places_[i];
    std::size_t at = i;
    for (; at > 0 && places_[at - 1] > place; --at) places_[at] = places_[at - 1];
    places_[at] = place;
  }
}

// The end is one past the last byte, so that an edit at the very end of the text applies.
void Edits::apply(std::string_view text, std::vector<std::string_view>& pieces, std::size_t begin) {
  sort();
  apply_range(text, begin, text.size() + 1, false, pieces);
}

void Edits::apply_as_copy(std::string_view text, std::vector<std::string_view>& pieces) {
  sort();
  apply_range(text, 0, text.size() + 1, true, pieces);
}

void Edits::apply_range(std::string_view text, std::size_t begin, std::size_t end, bool in_copy,
                        std::vector<std::string_view>& pieces) const {
  std::size_t at = begin;
  auto first = std::lower_bound(places_.begin(), places_.end(),
                                static_cast<Place>(begin) << kNumberBits);
  for (auto place = first; place != places_.end() && offset_of(*place) < end; ++place) {
    const Edit* edit = &edits_[*place & ((Place{1} << kNumberBits) - 1)];
    // INVARIANT: an edit whose place was replaced by an earlier one has no effect.
    bool left_out =
        edit->kind == Kind::kGuard || (edit->kind == Kind::kWrap && edit->offset == begin);
    if (edit->offset < at || (in_copy && left_out)) continue;
    append_piece(text.substr(at, edit->offset - at), pieces);
    // A copy is never made inside a copy: that is what bounds the output to twice the input per
    // section.
    if (edit->kind == Kind::kCopy && !in_copy) {
      apply_range(text, edit->copy_begin, edit->copy_end, true, pieces);
    } else {
      append_piece(in_copy && edit->kind == Kind::kDiffers ? edit->in_copy : edit->text, pieces);
    }
    at = edit->offset + edit->size;
  }
  if (at < std::min(end, text.size())) {
    append_piece(text.substr(at, std::min(end, text.size()) - at), pieces);
  }
}

}  // namespace weir
