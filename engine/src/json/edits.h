// A rewrite as a list of edits on the original bytes: put this text here, instead of that many
// bytes.
//
// No tree is built and no byte is copied: the result is a list of pieces that point into the
// original text, the arena and the snapshot.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace weir {

class Edits {
 public:
  /// Puts `text` before the byte at `offset`.
  void insert(std::size_t offset, std::string_view text) { add({offset, 0, text}); }

  /// Puts `text` in the place of the `size` bytes at `offset`. Edits inside those bytes lose their
  /// effect.
  void replace(std::size_t offset, std::size_t size, std::string_view text) {
    add({offset, size, text});
  }

  /// The same, with another text in copies.
  void replace(std::size_t offset, std::size_t size, std::string_view text,
               std::string_view in_copy) {
    add({offset, size, text, in_copy, true});
  }

  /// Puts a second copy of [begin, end), with the edits inside it, before the byte at `offset`. In
  /// a copy of that place stands `in_copy` instead: a copy is never made inside a copy.
  void insert_copy(std::size_t offset, std::size_t begin, std::size_t end,
                   std::string_view in_copy = {}) {
    add({.offset = offset, .text = in_copy, .copy_begin = begin, .copy_end = end, .is_copy = true});
  }

  /// Like insert, but left out of copies that begin here: what is put around a query is not part of
  /// it.
  void wrap(std::size_t offset, std::string_view text) {
    add({.offset = offset, .text = text, .is_wrap = true});
  }

  /// Like insert, but left out of all copies: what guards a query from documents that are not found
  /// has nothing to do where only found ones are looked at.
  void guard(std::size_t offset, std::string_view text) {
    add({.offset = offset, .text = text, .is_guard = true});
  }

  /// Appends the edited text to `pieces`. Edits at one offset apply in the order they were made.
  void apply(std::string_view text, std::vector<std::string_view>& pieces);

  /// Appends what a copy of the whole text would be.
  void apply_as_copy(std::string_view text, std::vector<std::string_view>& pieces);

  void clear() { edits_.clear(); }

 private:
  struct Edit {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::string_view text = {};
    std::string_view in_copy = {};
    bool differs = false;  // `in_copy` stands in copies
    std::size_t copy_begin = 0;
    std::size_t copy_end = 0;
    bool is_copy = false;
    bool is_wrap = false;
    bool is_guard = false;
    std::size_t made = 0;  // how many were made before it
  };
  void sort();
  void add(Edit edit) {
    edit.made = edits_.size();
    edits_.push_back(edit);
  }
  void apply_range(std::string_view text, std::size_t begin, std::size_t end, bool in_copy,
                   std::vector<std::string_view>& pieces) const;

  std::vector<Edit> edits_;
};

}  // namespace weir
