// percolate: stored queries that match a document which stands in the request. A stored query is a
// document like any other; the filter says which of them are tried.
#include "dsl/query/types.h"

namespace weir {
namespace {

bool walk_document(Walk& walk) {
  return walk.json.type() == JsonType::kObject ? walk.skip() : walk.fail(DenyCode::kBodyShape);
}

bool walk_documents(Walk& walk) {
  return walk.array([&](std::uint32_t) { return walk_document(walk); });
}

constexpr Key kKeys[] = {
    {"field", Rule::kField},
    custom("document", walk_document),
    custom("documents", walk_documents),
    {"name", Rule::kString},
    denied("index", DenyCode::kQueryLookup),
    denied("id", DenyCode::kQueryLookup),
    denied("routing", DenyCode::kQueryLookup),
    denied("preference", DenyCode::kQueryLookup),
    denied("version", DenyCode::kQueryLookup),
    kBoost,
    kName,
};

}  // namespace

bool walk_percolate(Walk& walk) {
  walk.percolates = true;
  return walk_query_members(walk, kKeys);
}

}  // namespace weir
