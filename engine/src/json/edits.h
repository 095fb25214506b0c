// A rewrite as a list of edits on the original bytes: put this text here, instead of that many
// bytes.
//
// No tree is built and no byte is copied: the result is a list of pieces that point into the
// original text, the arena and the snapshot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <vector>

namespace weir {

class Edits {
 public:
  /// Puts `text` before the byte at `offset`.
  void insert(std::size_t offset, std::string_view text) { add({.offset = offset, .text = text}); }

  /// Puts `text` in the place of the `size` bytes at `offset`. Edits inside those bytes lose their
  /// effect.
  void replace(std::size_t offset, std::size_t size, std::string_view text) {
    add({.offset = offset, .size = size, .text = text});
  }

  /// The same, with another text in copies.
  void replace(std::size_t offset, std::size_t size, std::string_view text,
               std::string_view in_copy) {
    add({.offset = offset, .size = size, .text = text, .in_copy = in_copy, .kind = Kind::kDiffers});
  }

  /// Puts a second copy of [begin, end), with the edits inside it, before the byte at `offset`. In
  /// a copy of that place stands `in_copy` instead: a copy is never made inside a copy.
  void insert_copy(std::size_t offset, std::size_t begin, std::size_t end,
                   std::string_view in_copy = {}) {
    add({.offset = offset, .text = in_copy, .copy_begin = begin, .copy_end = end, .kind = Kind::kCopy});
  }

  /// Like insert, but left out of copies that begin here: what is put around a query is not part of
  /// it.
  void wrap(std::size_t offset, std::string_view text) {
    add({.offset = offset, .text = text, .kind = Kind::kWrap});
  }

  /// Like insert, but left out of all copies: what guards a query from documents that are not found
  /// has nothing to do where only found ones are looked at.
  void guard(std::size_t offset, std::string_view text) {
    add({.offset = offset, .text = text, .kind = Kind::kGuard});
  }

  /// Appends the edited text from `begin` on to `pieces`. Edits at one offset apply in the order
  /// they were made.
  void apply(std::string_view text, std::vector<std::string_view>& pieces, std::size_t begin = 0);

  /// Appends what a copy of the whole text would be.
  void apply_as_copy(std::string_view text, std::vector<std::string_view>& pieces);

  void clear() {
    edits_.clear();
    places_.clear();
  }

 private:
  enum class Kind : std::uint8_t { kPlain, kDiffers, kCopy, kWrap, kGuard };
  struct Edit {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::string_view text = {};
    std::string_view in_copy = {};  // kDiffers: stands in copies
    std::size_t copy_begin = 0;     // kCopy
    std::size_t copy_end = 0;
    Kind kind = Kind::kPlain;
  };
  // An edit's offset and, in the low bits, its number: sorted in the place of the edits.
  using Place = std::uint64_t;
  static constexpr unsigned kNumberBits = 24;
  static std::size_t offset_of(Place place) { return place >> kNumberBits; }

  void sort();
  void add(const Edit& edit) {
    // Limits end a walk long before that.
    if (edits_.size() >> kNumberBits != 0 ||
        static_cast<Place>(edit.offset) >> (64 - kNumberBits) != 0) {
      throw std::bad_alloc();
    }
    places_.push_back(static_cast<Place>(edit.offset) << kNumberBits | edits_.size());
    edits_.push_back(edit);
  }
  void apply_range(std::string_view text, std::size_t begin, std::size_t end, bool in_copy,
                   std::vector<std::string_view>& pieces) const;

  std::vector<Edit> edits_;
  std::vector<Place> places_;
};

}  // namespace weir
