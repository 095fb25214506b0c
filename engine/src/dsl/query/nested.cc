// nested: a query on objects inside the document; they share its fate, so the filter on the
// document covers them. Its inner hits are a search of their own, outside the filter context: their
// scores and their order would come from the statistics of everybody's objects. So the query that
// finds them is made one that scores nothing, where scores are level.
#include "dsl/query/types.h"
#include "dsl/section/hits.h"

namespace weir {
namespace {

constexpr Key kKeys[] = {
    {"path", Rule::kField},
    {"query", Rule::kQuery},
    {"score_mode", Rule::kString},
    {"ignore_unmapped", Rule::kBool},
    custom("inner_hits", walk_inner_hits),
    kBoost,
    kName,
};

}  // namespace

bool walk_nested_query(Walk& walk) {
  Range query;
  bool has_inner_hits = false;
  bool walked = walk.object([&](const Name& name) {
    const Key* key = find_key(kKeys, name);
    if (key == nullptr) return walk.fail(DenyCode::kQueryKeyUnknown, name);
    has_inner_hits = has_inner_hits || name == "inner_hits";
    std::size_t begin = walk.here();
    if (!walk_value(walk, *key)) return false;
    if (name == "query") query = {begin, walk.here()};
    return true;
  });
  if (!walked) return false;
  if (is_level(walk) && has_inner_hits && query.size() > 0) {
    walk.edits.insert(query.begin, R"({"constant_score":{"filter":)");
    walk.edits.insert(query.end, "}}");
  }
  return true;
}

}  // namespace weir
