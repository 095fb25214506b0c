// What the mappings behind an account say of a filter that somebody wants, in words.
#pragma once

#include <string>
#include <vector>

#include "learn/learned.h"

namespace weir::proxy {

struct Judgement {
  /// Why the filter can be exact nowhere, and what to filter by instead; empty if it is exact
  /// somewhere, or if no index has the field.
  std::string refusal;
  /// Of a filter that is not refused: where nothing will be visible, and why.
  std::string warning;
};

/// REQUIRES: the filter's field is among `learned.fields`.
Judgement judge_filter(const Learned& learned, const Account& account, const Filter& filter);

}  // namespace weir::proxy
