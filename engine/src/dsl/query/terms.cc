// terms: exact values of one field. In the place of the list an object names a document to take the
// values from.
#include "dsl/lookup.h"
#include "dsl/query/types.h"
#include "json/text.h"

namespace weir {
namespace {

constexpr Key kOptions[] = {kBoost, kName, denied("value_type", DenyCode::kQueryKnob)};

struct TermsLookup {
  std::string_view index;
  std::string_view id;
  std::string_view path;
  std::string_view routing;
};

bool walk_lookup_key(Walk& walk, std::string_view key, TermsLookup& lookup) {
  if (key == "index") return walk.string(lookup.index);
  if (key == "id") return walk.string(lookup.id);
  if (key == "path") return walk.string(lookup.path);
  if (key == "routing") return walk.string(lookup.routing);
  if (key == "store") {
    bool stored = false;
    return walk.boolean(stored) && (!stored || walk.fail(DenyCode::kQueryLookup, key));
  }
  // A search for the document: 3.x takes the first hits of any index.
  if (key == "query") return walk.fail(DenyCode::kQueryLookup, key);
  return walk.fail(DenyCode::kQueryKeyUnknown, key);
}

bool walk_lookup(Walk& walk) {
  std::size_t begin = walk.here();
  TermsLookup lookup;
  if (!walk.object([&](std::string_view key) { return walk_lookup_key(walk, key, lookup); }))
    return false;
  if (!is_source_path(lookup.path)) return walk.fail(DenyCode::kQueryLookup, "path");
  if (walk.lookups == nullptr) return walk.fail(DenyCode::kQueryLookup);
  Reference reference{lookup.index, lookup.id, lookup.routing,
                      walk.arena.concat({"[", json_string(lookup.path, walk.arena), "]"})};
  const Document* document = nullptr;
  if (!walk.lookups->look_up(walk, reference, document)) return false;
  if (document == nullptr) return true;
  std::string values = "[";
  if (document->has_source &&
      !append_source_values(walk, document->source, lookup.path, walk.limits.max_terms, values)) {
    return false;
  }
  values += ']';
  walk.edits.replace(begin, walk.here() - begin, walk.arena.copy(values));
  return true;
}

bool walk_list(Walk& walk) {
  if (walk.json.type() == JsonType::kObject) return walk_lookup(walk);
  return walk.array([&](std::uint32_t i) {
    return i < walk.limits.max_terms ? walk.scalar() : walk.fail(DenyCode::kQueryTooMany);
  });
}

}  // namespace

bool walk_terms(Walk& walk) {
  std::uint32_t fields = 0;
  bool walked = walk.object([&](std::string_view name) {
    if (const Key* key = find_key(kOptions, name)) return walk_value(walk, *key);
    if (++fields > 1) return walk.fail(DenyCode::kQueryKeyUnknown, name);
    return check_field(walk, name) && walk_list(walk);
  });
  if (!walked) return false;
  return fields == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

}  // namespace weir
