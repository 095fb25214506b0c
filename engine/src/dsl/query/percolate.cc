// percolate: stored queries that match a document. The document stands in the request, or in its
// place an id: then what the id names is put there. A stored query is a document like any other;
// the filter says which of them are tried.
#include <algorithm>

#include "dsl/lookup.h"
#include "dsl/query/types.h"

namespace weir {
namespace {

struct Percolate {
  std::string_view kept;  // ,"key":value … of what is not about the document
  std::string_view index;
  std::string_view id;
  std::string_view routing;
  bool has_document = false;
  bool has_reference = false;
};

// Beside what no search may hold: parts of queries that name documents, or that hide such parts.
constexpr std::string_view kNaming[] = {"indexed_shape", "more_like_this", "percolate", "template",
                                        "wrapper"};

bool names_documents(std::string_view key) {
  if (std::find(std::begin(kNaming), std::end(kNaming), key) != std::end(kNaming)) return true;
  std::span<const QueryType> types = query_types();
  return std::any_of(types.begin(), types.end(), [&](const QueryType& type) {
    return type.name.text == key && type.walk == nullptr;
  });
}

bool walk_content(Walk& walk);

bool walk_content_member(Walk& walk, std::string_view key, bool in_terms) {
  if (walk.json.type() != JsonType::kObject) return walk_content(walk);
  if (in_terms || names_documents(key)) return walk.fail(DenyCode::kQueryLookup, key);
  if (key != "terms") return walk_content(walk);
  return walk.object(
      [&](std::string_view field) { return walk_content_member(walk, field, true); });
}

// A document may hold a query, in a field that is mapped as a percolator. OpenSearch reads it like
// one that is to be stored: what it names by id is fetched, by nobody's filter, and an error says
// that it is not there. Which fields are mapped so is not known here; so no part of the document
// may look like such a name.
bool walk_content(Walk& walk) {
  if (walk.json.type() == JsonType::kArray)
    return walk.array([&](std::uint32_t) { return walk_content(walk); });
  if (walk.json.type() != JsonType::kObject) return walk.skip();
  return walk.object([&](std::string_view key) { return walk_content_member(walk, key, false); });
}

bool walk_document(Walk& walk) {
  return walk.json.type() == JsonType::kObject ? walk_content(walk)
                                               : walk.fail(DenyCode::kBodyShape);
}

bool walk_documents(Walk& walk) {
  return walk.array([&](std::uint32_t) { return walk_document(walk); });
}

constexpr Key kKept[] = {{"field", Rule::kField}, {"name", Rule::kString}, kBoost, kName};
constexpr Key kDocuments[] = {
    custom("document", walk_document),
    custom("documents", walk_documents),
};
// Which copy of the document, and as of when.
constexpr Key kDenied[] = {
    denied("preference", DenyCode::kQueryLookup),
    denied("version", DenyCode::kQueryLookup),
};

bool walk_member(Walk& walk, const Name& name, Percolate& percolate) {
  if (const Key* key = find_key(kKept, name)) return walk_kept(walk, *key, percolate.kept);
  if (const Key* key = find_key(kDenied, name)) return walk_value(walk, *key);
  if (const Key* key = find_key(kDocuments, name)) {
    percolate.has_document = true;
    return walk_value(walk, *key);
  }
  std::string_view* part = name == "index"     ? &percolate.index
                           : name == "id"      ? &percolate.id
                           : name == "routing" ? &percolate.routing
                                               : nullptr;
  if (part == nullptr) return walk.fail(DenyCode::kQueryKeyUnknown, name);
  percolate.has_reference = true;
  return walk.string(*part);
}

// Writes the query anew, around the document.
bool insert_document(Walk& walk, std::size_t begin, const Percolate& percolate) {
  if (percolate.has_document || walk.lookups == nullptr) return walk.fail(DenyCode::kQueryLookup);
  const Document* document = nullptr;
  Reference reference{percolate.index, percolate.id, percolate.routing, "true"};
  if (!walk.lookups->look_up(walk, reference, document)) return false;
  if (document == nullptr) return true;
  if (!document->found) return walk.fail(DenyCode::kUpstreamNotFound);
  if (!document->has_source) return walk.fail(DenyCode::kUpstreamRejected);
  std::string_view source;
  if (!copy_source_value(walk, document->source, source)) return false;
  Walk inside(document->source, walk.limits, walk.sight, walk.arena, walk.edits);
  if (!walk_content(inside)) return walk.fail(inside.failure().code, inside.failure().detail);
  walk.edits.replace(begin, walk.here() - begin,
                     walk.arena.concat({R"({"document":)", source, percolate.kept, "}"}));
  return true;
}

// OpenSearch takes a clause that can match nothing, by the bounds of everybody's values, out of the
// query; with it goes a percolate beside it, and then no hit tells in `_percolator_document_slot`
// what it matched. Where every hit has to match the percolate, there are no hits then.
bool may_vanish(const Walk& walk) {
  if (walk.query_scripts.closed) return true;
  for (std::size_t step = 0; step < walk.depth(); ++step) {
    std::string_view key = walk.key_at(step);
    for (std::string_view slot : {"should", "must_not", "queries", "positive", "negative"}) {
      if (key == slot) return true;
    }
  }
  return false;
}

}  // namespace

bool walk_percolate(Walk& walk) {
  walk.percolates = true;
  std::size_t begin = walk.here();
  Percolate percolate;
  bool walked =
      walk.object([&](std::string_view name) { return walk_member(walk, name, percolate); });
  if (!walked) return false;
  if (may_vanish(walk)) return walk.fail(DenyCode::kQueryAlternative);
  return !percolate.has_reference || insert_document(walk, begin, percolate);
}

}  // namespace weir
