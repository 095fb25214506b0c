// The other processes that serve from the same store, as far as the control plane needs them.
#pragma once

#include <cstdint>
#include <string>

namespace weir::proxy {

class Fleet {
 public:
  virtual ~Fleet() = default;

  /// Returns when no process answers under an older version any more: each has said so, or may not
  /// answer at all. Control thread. Takes a few milliseconds, and one lease at most: as long as a
  /// process that has gone without a word might still answer.
  virtual void confirm(std::uint64_t version) noexcept = 0;

  /// What all replicas must have in common is about to change in this process. An empty text: it
  /// may, nobody else is there; else what to do. Control thread.
  virtual std::string change_frame(const std::string& frame) = 0;
};

}  // namespace weir::proxy
