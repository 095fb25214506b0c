// has_child, has_parent and parent_id: queries that follow a join field to other documents of the
// shard, which the filter around the whole query does not reach. So the token's filter goes in
// beside the query that finds them, where a script or an inner hit sees visible documents only,
// too.
#include "dsl/query/types.h"
#include "dsl/section/hits.h"

namespace weir {
namespace {

constexpr Key kChild[] = {
    {"type", Rule::kString},
    {"query", Rule::kQuery},
    {"score_mode", Rule::kString},
    {"min_children", Rule::kInteger},
    {"max_children", Rule::kInteger},
    {"ignore_unmapped", Rule::kBool},
    custom("inner_hits", walk_joined_hits),
    kBoost,
    kName,
};

constexpr Key kParent[] = {
    {"parent_type", Rule::kString},
    {"query", Rule::kQuery},
    {"score", Rule::kBool},
    {"ignore_unmapped", Rule::kBool},
    custom("inner_hits", walk_joined_hits),
    kBoost,
    kName,
};

constexpr Key kParentId[] = {
    {"type", Rule::kString}, {"id", Rule::kScalar}, {"ignore_unmapped", Rule::kBool}, kBoost, kName,
};

void insert_filter(Walk& walk, const Range& query) {
  std::string_view filter = walk.sight.filter;
  std::string_view comma = filter.empty() ? "" : ",";
  if (is_level(walk)) {
    constexpr std::string_view kOpen = R"({"constant_score":{"filter":{"bool":{"filter":[)";
    walk.edits.wrap(query.begin, walk.arena.concat({kOpen, filter, comma}));
    walk.edits.wrap(query.end, "]}}}}");
  } else {
    walk.edits.wrap(query.begin,
                    walk.arena.concat({R"({"bool":{"filter":[)", filter, R"(],"must":[)"}));
    walk.edits.wrap(query.end, "]}}");
  }
}

// What is marked up in inner hits is the client's query alone, without the filter.
void insert_highlights(Walk& walk, std::size_t from, const Range& query) {
  for (std::size_t i = from; i < walk.highlights.size(); ++i) {
    const Walk::HighlightPlace& place = walk.highlights[i];
    walk.edits.insert(place.offset, R"("highlight_query":)");
    walk.edits.insert_copy(place.offset, query.begin, query.end, R"({"match_all":{}})");
    if (place.has_members) walk.edits.insert(place.offset, ",");
  }
  walk.highlights.resize(from);
}

bool walk_join(Walk& walk, std::span<const Key> keys) {
  std::size_t highlights = walk.highlights.size();
  Range query;
  bool walked = walk.object([&](const Name& name) {
    const Key* key = find_key(keys, name);
    if (key == nullptr) return walk.fail(DenyCode::kQueryKeyUnknown, name);
    std::size_t begin = walk.here();
    if (!walk_value(walk, *key)) return false;
    if (name == "query") query = {begin, walk.here()};
    return true;
  });
  if (!walked) return false;
  if (query.size() == 0) return walk.fail(DenyCode::kQueryShape);
  if (walk.percolates && walk.highlights.size() > highlights) {
    return walk.fail_at_key("inner_hits", DenyCode::kHighlightPercolate);
  }
  insert_filter(walk, query);
  insert_highlights(walk, highlights, query);
  return true;
}

}  // namespace

bool walk_has_child(Walk& walk) { return walk_join(walk, kChild); }

bool walk_has_parent(Walk& walk) { return walk_join(walk, kParent); }

bool walk_parent_id(Walk& walk) { return walk_query_members(walk, kParentId); }

}  // namespace weir
