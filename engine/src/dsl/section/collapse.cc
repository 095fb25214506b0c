// collapse: the best hit of each value. With inner_hits OpenSearch searches once more for each value,
// by the search's own query, the injected filter in it, beside one for the value. These searches
// take the index options of the first, but none of what else keeps it from telling of hidden
// documents, so what would need that is refused: nested sorts, whose paths follow how totals are
// counted; marking up, which would show the filter; and, in the sealed profile, queries that may be
// on a `wildcard` field (rewrite/parts.cc), which lose documents in several threads by how segments
// lie.
#include <utility>

#include "dsl/section/hits.h"

namespace weir {
namespace {

constexpr Key kBestOfGroup[] = {
    {"field", Rule::kField},
    {"max_concurrent_group_searches", Rule::kInteger},
};

bool walk_best_of_group(Walk& walk) {
  return walk_members(walk, kBestOfGroup, DenyCode::kBodyKeyUnknown);
}

constexpr Key kGroupHits[] = {
    {"name", Rule::kString},
    {"ignore_unmapped", Rule::kBool},
    custom("from", walk_hit_count),
    custom("size", walk_hit_count),
    custom("collapse", walk_best_of_group),
    denied("highlight", DenyCode::kBodyKeyDenied),
};

bool walk_sort_of_group(Walk& walk) {
  // Pages are those of the search itself: its own `_doc` is what they depend on.
  bool doc_sort = walk.doc_sort;
  bool nested_sort = std::exchange(walk.nested_sort, false);
  if (!walk_sort(walk)) return false;
  if (walk.nested_sort) return walk.fail(DenyCode::kSortNestedTotal);
  walk.nested_sort = nested_sort;
  walk.doc_sort = doc_sort;
  return true;
}

bool walk_group_hits(Walk& walk) {
  ++walk.group_searches;
  bool sorted = false;
  bool tracked = false;
  bool walked = walk.object([&](const Name& name) {
    sorted = sorted || name == "sort";
    tracked = tracked || name == "track_scores";
    if (name == "sort") return walk_sort_of_group(walk);
    const Key* key = find_key(kGroupHits, name);
    if (key == nullptr) key = find_hits_key(name);
    return key == nullptr ? walk.fail(DenyCode::kBodyKeyUnknown, name) : walk_value(walk, *key);
  });
  walk.group_scores = walk.group_scores || !sorted || tracked;
  return walked;
}

bool walk_group_searches(Walk& walk) {
  if (walk.json.type() != JsonType::kArray) return walk_group_hits(walk);
  return walk.array([&](std::uint32_t) { return walk_group_hits(walk); });
}

constexpr Key kCollapse[] = {
    {"field", Rule::kField},
    {"max_concurrent_group_searches", Rule::kInteger},
    custom("inner_hits", walk_group_searches),
};

}  // namespace

bool walk_collapse(Walk& walk) { return walk_members(walk, kCollapse, DenyCode::kBodyKeyUnknown); }

}  // namespace weir
