// The scratch memory of one request.
#pragma once

#include <string_view>
#include <vector>

#include "base/arena.h"
#include "json/edits.h"
#include "json/tokens.h"
#include "weir/engine.h"

namespace weir {

class Workspace::Impl {
 public:
  explicit Impl(const Limits& limits) : limits(limits) {}

  /// Forgets the last request.
  void reset() {
    arena.reset();
    tokens.shrink();
    edits.clear();
    pieces.clear();
    items.clear();
  }

  const Limits limits;
  Arena arena;
  TokenIndex tokens;
  Edits edits;
  std::vector<std::string_view> pieces;
  std::vector<PlanItem> items;
};

}  // namespace weir
