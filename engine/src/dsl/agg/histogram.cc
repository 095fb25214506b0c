// histogram, date_histogram and auto_date_histogram: buckets by interval. A `min_doc_count` of 0
// only fills gaps between the buckets of visible documents.
#include "dsl/agg/types.h"

namespace weir {
namespace {

constexpr Key kBounds[] = {{"min", Rule::kScalarOrNull}, {"max", Rule::kScalarOrNull}};

bool walk_bounds(Walk& walk) { return walk_agg_members(walk, kBounds); }

constexpr Key kHistogram[] = {
    {"interval", Rule::kScalar},
    {"offset", Rule::kScalar},
    {"keyed", Rule::kBool},
    {"min_doc_count", Rule::kInteger},
    custom("extended_bounds", walk_bounds),
    custom("hard_bounds", walk_bounds),
    custom("order", walk_bucket_order),
};

constexpr Key kDateHistogram[] = {
    {"interval", Rule::kScalar},        {"calendar_interval", Rule::kScalar},
    {"fixed_interval", Rule::kScalar},  {"offset", Rule::kScalar},
    {"time_zone", Rule::kScalar},       {"keyed", Rule::kBool},
    {"min_doc_count", Rule::kInteger},  custom("extended_bounds", walk_bounds),
    custom("hard_bounds", walk_bounds), custom("order", walk_bucket_order),
};

constexpr Key kAutoDateHistogram[] = {
    custom("buckets", walk_bucket_count),
    {"minimum_interval", Rule::kString},
    {"time_zone", Rule::kScalar},
};

}  // namespace

bool walk_histogram(Walk& walk) { return walk_values_agg(walk, kHistogram); }

bool walk_date_histogram(Walk& walk) { return walk_values_agg(walk, kDateHistogram); }

bool walk_auto_date_histogram(Walk& walk) { return walk_values_agg(walk, kAutoDateHistogram); }

}  // namespace weir
