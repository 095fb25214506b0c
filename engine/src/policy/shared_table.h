// A table of which two versions share what is the same in both: a change copies one path to one
// small leaf, whatever the size.
//
// The tree has a fixed shape (root, 256 branches, 64 leaves each), made for up to a million entries
// of 61 to a leaf; Limits::max_tokens bounds them. So a look-up reads three nodes, and nothing is
// ever rebalanced.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace weir {

/// Entries by a hash whose upper bits are spread evenly; several may have the same one. Reading:
/// any thread, as long as nobody changes this very table.
template <typename Held>
class SharedTable {
 public:
  SharedTable() = default;
  SharedTable(SharedTable&&) noexcept = default;
  SharedTable& operator=(SharedTable&&) noexcept = default;

  /// A table that begins with what is in this one. REQUIRES: this one is not changed any more.
  SharedTable fork() const {
    SharedTable copy;
    copy.root_ = root_;
    copy.size_ = size_;
    copy.edit_ = edit_ + 1;
    return copy;
  }

  std::size_t size() const noexcept { return size_; }

  /// The first that has this hash and fits; null if there is none. Good until the next change.
  template <typename Fits>
  const Held* find(std::uint64_t hash, Fits fits) const noexcept {
    const Branch* branch = root_[branch_of(hash)].get();
    const Leaf* leaf = branch == nullptr ? nullptr : branch->leaves[leaf_of(hash)].get();
    if (leaf == nullptr) return nullptr;
    for (auto at = lower(leaf->entries, hash); at != leaf->entries.end() && at->hash == hash;
         ++at) {
      if (fits(at->held)) return &at->held;
    }
    return nullptr;
  }

  void insert(std::uint64_t hash, Held held) {
    std::vector<Entry>& entries = own_leaf(hash).entries;
    entries.insert(lower(entries, hash), Entry{hash, std::move(held)});
    ++size_;
  }

  /// Takes out the first that has this hash and fits; false if there is none.
  template <typename Fits>
  bool erase(std::uint64_t hash, Fits fits) {
    if (find(hash, fits) == nullptr) return false;
    std::vector<Entry>& entries = own_leaf(hash).entries;
    auto at = lower(entries, hash);
    while (!fits(at->held)) ++at;
    entries.erase(at);
    --size_;
    return true;
  }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    Held held;
  };
  // INVARIANT: a node is changed only by the table whose `edit` it bears. It is in no other: a fork
  // has a greater number, and of the forks of one table none has nodes of another.
  struct Leaf {
    std::uint64_t edit = 0;
    std::vector<Entry> entries;  // by hash
  };
  static constexpr std::size_t kBranches = 256;
  static constexpr std::size_t kLeaves = 64;
  struct Branch {
    std::uint64_t edit = 0;
    std::array<std::shared_ptr<Leaf>, kLeaves> leaves;
  };

  static std::size_t branch_of(std::uint64_t hash) { return hash >> 56U; }
  static std::size_t leaf_of(std::uint64_t hash) { return hash >> 50U & (kLeaves - 1); }

  template <typename Entries>
  static auto lower(Entries& entries, std::uint64_t hash) {
    return std::lower_bound(
        entries.begin(), entries.end(), hash,
        [](const Entry& entry, std::uint64_t wanted) { return entry.hash < wanted; });
  }

  template <typename Node>
  Node& own(std::shared_ptr<Node>& node) {
    if (node == nullptr) {
      node = std::make_shared<Node>();
    } else if (node->edit != edit_) {
      node = std::make_shared<Node>(*node);
    }
    node->edit = edit_;
    return *node;
  }
  Leaf& own_leaf(std::uint64_t hash) {
    return own(own(root_[branch_of(hash)]).leaves[leaf_of(hash)]);
  }

  std::array<std::shared_ptr<Branch>, kBranches> root_;
  std::size_t size_ = 0;
  std::uint64_t edit_ = 1;
};

}  // namespace weir
