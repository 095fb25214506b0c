// The scratch memory of one request.
#pragma once

#include <string_view>
#include <vector>

#include "base/arena.h"
#include "json/edits.h"
#include "json/tokens.h"
#include "weir/engine.h"

namespace weir {

/// The filter around a client's query: `open` + query + `close`.
struct Wrap {
  std::string_view open;
  std::string_view close;
  std::string_view alone;  // the whole query when the client sent none
};

class Workspace::Impl {
 public:
  explicit Impl(const Limits& limits) : limits(limits) {}

  /// Forgets the last request.
  void reset() {
    arena.reset();
    tokens.shrink();
    answer_tokens.shrink();
    edits.clear();
    pieces.clear();
    items.clear();
    first_items.clear();
    wrap = {};
  }

  /// For the same request once more: forgets what was made of it, but not the arena. The items stay
  /// as `first_items`.
  void begin_again() {
    edits.clear();
    pieces.clear();
    first_items.clear();
    items.swap(first_items);
  }

  const Limits limits;
  Arena arena;
  TokenIndex tokens;
  TokenIndex answer_tokens;  // of an answer that the request is decided by
  Edits edits;
  std::vector<std::string_view> pieces;
  Wrap wrap;  // what make_wrap() made; it is the same for all searches of a request
  std::vector<PlanItem> items;
  std::vector<PlanItem> first_items;  // of the first walk, if this is the second
};

}  // namespace weir
