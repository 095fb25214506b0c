// How many empty buckets a histogram could be made to fill in.
//
// With a `min_doc_count` of 0, which is the default, OpenSearch fills the gaps between buckets
// before it counts them, so one request with a tiny interval or far bounds takes a node's whole
// heap. What can be seen in the request is bounded here.
#pragma once

#include <string_view>

#include "weir/limits.h"

namespace weir {

/// The members of a histogram that decide, as JSON text; empty when absent.
struct Gaps {
  std::string_view interval;
  std::string_view min_doc_count;
  std::string_view missing;
  std::string_view format;
  std::string_view min[2];  // of extended_bounds and hard_bounds
  std::string_view max[2];
};

/// True if gaps are not filled, or the interval is at least a second and bounds are at most
/// Limits::max_agg_size buckets apart (bounds written as dates, or a date for documents without
/// one: the interval is at least a day).
bool date_gaps_are_bounded(const Gaps& gaps, const Limits& limits);

/// True if gaps are not filled, or bounds are at most Limits::max_agg_size buckets apart.
bool number_gaps_are_bounded(const Gaps& gaps, const Limits& limits);

}  // namespace weir
