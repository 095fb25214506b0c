// histogram, date_histogram and auto_date_histogram: buckets by interval. A `min_doc_count` of 0
// only fills gaps between the buckets of visible documents.
#include "dsl/agg/gaps.h"
#include "dsl/agg/types.h"

namespace weir {
namespace {

constexpr Key kBounds[] = {{"min", Rule::kScalarOrNull}, {"max", Rule::kScalarOrNull}};

constexpr Key kHistogram[] = {
    kFormat,
    {"interval", Rule::kScalar},
    {"offset", Rule::kScalar},
    {"keyed", Rule::kBool},
    {"min_doc_count", Rule::kInteger},
    custom("order", walk_bucket_order),
};

constexpr Key kDateHistogram[] = {
    kFormat,
    {"interval", Rule::kScalar},
    {"calendar_interval", Rule::kScalar},
    {"fixed_interval", Rule::kScalar},
    {"offset", Rule::kScalar},
    {"time_zone", Rule::kScalar},
    {"keyed", Rule::kBool},
    {"min_doc_count", Rule::kInteger},
    custom("order", walk_bucket_order),
};

constexpr Key kAutoDateHistogram[] = {
    kFormat,
    custom("buckets", walk_bucket_count),
    {"minimum_interval", Rule::kString},
    {"time_zone", Rule::kScalar},
};

// Walks one value and keeps its text.
template <typename Step>
bool keep_text(Walk& walk, std::string_view& text, Step&& step) {
  std::size_t begin = walk.here();
  if (!step()) return false;
  text = walk.json.text().substr(begin, walk.here() - begin);
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  return true;
}

bool walk_kept_bounds(Walk& walk, Gaps& gaps, int which) {
  return walk.object([&](const Name& name) {
    const Key* key = find_key(kBounds, name);
    if (key == nullptr) return walk.fail(DenyCode::kAggKeyUnknown, name);
    if (walk.json.type() == JsonType::kNull) return walk.skip();  // as if it were absent
    std::string_view& text = name == "min" ? gaps.min[which] : gaps.max[which];
    return keep_text(walk, text, [&] { return walk_value(walk, *key); });
  });
}

bool walk_with_gaps(Walk& walk, std::span<const Key> keys,
                    bool (*bounded)(const Gaps&, const Limits&)) {
  Gaps gaps;
  bool walked = walk.object([&](const Name& name) {
    if (name == "extended_bounds") return walk_kept_bounds(walk, gaps, 0);
    if (name == "hard_bounds") return walk_kept_bounds(walk, gaps, 1);
    const Key* key = find_key(keys, name);
    if (key == nullptr) key = find_key(value_keys(), name);
    if (key == nullptr) return walk.fail(DenyCode::kAggKeyUnknown, name);
    std::string_view other;
    std::string_view& text = name.text.ends_with("interval") ? gaps.interval
                             : name == "min_doc_count"  ? gaps.min_doc_count
                             : name == "missing"        ? gaps.missing
                             : name == "format"         ? gaps.format
                                                        : other;
    return keep_text(walk, text, [&] { return walk_value(walk, *key); });
  });
  if (!walked) return false;
  return bounded(gaps, walk.limits) ? true : walk.fail(DenyCode::kAggGaps);
}

}  // namespace

bool walk_histogram(Walk& walk) {
  return walk_with_gaps(walk, kHistogram, number_gaps_are_bounded);
}

bool walk_date_histogram(Walk& walk) {
  return walk_with_gaps(walk, kDateHistogram, date_gaps_are_bounded);
}

bool walk_auto_date_histogram(Walk& walk) { return walk_values_agg(walk, kAutoDateHistogram); }

}  // namespace weir
