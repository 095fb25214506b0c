// Aggregations that collect documents outside of the query: global, children, parent.
//
// Each is asked for with a filter for visible documents between it and its own aggregations, and
// turned back in the answer, where the filter's result takes the place of its own
// (response/agg_editor.h):
//
//   {"g":{"global":{},"aggs":A}}  ->
//   {"g":{"global":{},"aggs":{"weir.visible":{"filter":F,"aggs":A}}}}
#pragma once

#include <optional>
#include <string_view>

#include "dsl/walk.h"

namespace weir {

bool is_turned_agg(std::string_view type);

/// Puts the filter below the aggregation `name`, whose members begin at `inside` and whose own
/// aggregations, if it has any, are `children`.
void turn_agg(Walk& walk, std::string_view name, std::size_t inside,
              const std::optional<Range>& children);

/// Checks a name, and remembers one that would be in the way of the answer's edit.
bool check_agg_name(Walk& walk, std::string_view name);

/// After all aggregations: none is in the way, and no path leads to a turned one or through it,
/// since all would see its own count.
bool check_turned_names(Walk& walk);

}  // namespace weir
