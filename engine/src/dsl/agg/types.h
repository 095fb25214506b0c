// The walks of the aggregation types, one file each; registry.cc lists them.
#pragma once

#include "dsl/agg/agg.h"

namespace weir {

bool walk_terms_agg(Walk& walk);

/// An integer of at least 1 (0 would list terms that only hidden documents have).
bool walk_min_doc_count(Walk& walk);
/// A number of buckets within the limits.
bool walk_bucket_count(Walk& walk);

}  // namespace weir
