// terms, rare_terms and multi_terms: buckets by value. Terms without a matching document are never
// asked for: they would come from everybody's dictionary.
#include "dsl/agg/types.h"

namespace weir {
namespace {

constexpr Key kPartition[] = {{"partition", Rule::kInteger}, {"num_partitions", Rule::kInteger}};

bool walk_expression(Walk& walk) {
  std::string_view expression;
  if (!walk.string(expression)) return false;
  return expression.size() <= walk.limits.max_regexp_bytes ? true : walk.fail(DenyCode::kBodyValue);
}

constexpr Key kTerms[] = {
    kFormat,
    custom("size", walk_bucket_count),
    custom("shard_size", walk_bucket_count),
    custom("min_doc_count", walk_min_doc_count),
    {"shard_min_doc_count", Rule::kInteger},
    {"show_term_doc_count_error", Rule::kBool},
    {"execution_hint", Rule::kString},
    {"collect_mode", Rule::kString},
    custom("include", walk_term_choice),
    custom("exclude", walk_term_choice),
    custom("order", walk_bucket_order),
};

constexpr Key kRareTerms[] = {
    kFormat,
    {"max_doc_count", Rule::kInteger},
    {"precision", Rule::kNumber},
    custom("include", walk_term_choice),
    custom("exclude", walk_term_choice),
};

constexpr Key kOneOfSeveral[] = {kFormat, {"time_zone", Rule::kScalar}};

bool walk_several(Walk& walk) {
  return walk.array([&](std::uint32_t) { return walk_values_agg(walk, kOneOfSeveral); });
}

constexpr Key kMultiTerms[] = {
    custom("terms", walk_several),           custom("size", walk_bucket_count),
    custom("shard_size", walk_bucket_count), custom("min_doc_count", walk_min_doc_count),
    {"shard_min_doc_count", Rule::kInteger}, {"show_term_doc_count_error", Rule::kBool},
    {"collect_mode", Rule::kString},         custom("order", walk_bucket_order),
};

}  // namespace

bool walk_term_choice(Walk& walk) {
  if (walk.json.type() == JsonType::kObject) return walk_agg_members(walk, kPartition);
  if (walk.json.type() != JsonType::kArray) return walk_expression(walk);
  return walk.array([&](std::uint32_t i) {
    return i < walk.limits.max_terms ? walk.scalar() : walk.fail(DenyCode::kQueryTooMany);
  });
}

bool walk_terms_agg(Walk& walk) { return walk_values_agg(walk, kTerms); }

bool walk_rare_terms(Walk& walk) { return walk_values_agg(walk, kRareTerms); }

bool walk_multi_terms(Walk& walk) { return walk_agg_members(walk, kMultiTerms); }

}  // namespace weir
