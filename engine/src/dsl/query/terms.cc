// terms: exact values of one field. In the place of the list an object names a document to take the
// values from. One value may also be a bitmap of numbers, which a document holds as a stored field.
#include "dsl/lookup.h"
#include "dsl/query/types.h"
#include "json/text.h"

namespace weir {
namespace {

constexpr Key kOptions[] = {kBoost, kName};

// What is known when the whole query has been walked.
struct Terms {
  bool bitmap = false;
  Range value_type;
  bool lookup = false;
  bool stored = false;  // looked up as a stored field
  bool found = false;   // one value, or nothing was looked up yet
  std::uint32_t values = 0;
};

struct TermsLookup {
  std::string_view index;
  std::string_view id;
  std::string_view path;
  std::string_view routing;
  bool stored = false;
};

bool walk_lookup_key(Walk& walk, std::string_view key, TermsLookup& lookup) {
  if (key == "index") return walk.string(lookup.index);
  if (key == "id") return walk.string(lookup.id);
  if (key == "path") return walk.string(lookup.path);
  if (key == "routing") return walk.string(lookup.routing);
  if (key == "store") return walk.boolean(lookup.stored);
  // A search for the document: 3.x takes the first hits of any index.
  if (key == "query") return walk.fail(DenyCode::kQueryLookup, key);
  return walk.fail(DenyCode::kQueryKeyUnknown, key);
}

bool walk_lookup(Walk& walk, Terms& terms) {
  std::size_t begin = walk.here();
  TermsLookup lookup;
  if (!walk.object([&](std::string_view key) { return walk_lookup_key(walk, key, lookup); }))
    return false;
  if (!is_source_path(lookup.path)) return walk.fail(DenyCode::kQueryLookup, "path");
  if (lookup.stored && !is_open_field(lookup.path)) {
    return walk.fail(DenyCode::kFieldDenied, lookup.path);
  }
  if (walk.lookups == nullptr) return walk.fail(DenyCode::kQueryLookup);
  terms.lookup = terms.found = true;
  terms.stored = lookup.stored;
  Reference reference{lookup.index, lookup.id, lookup.routing,
                      walk.arena.concat({"[", json_string(lookup.path, walk.arena), "]"}),
                      lookup.stored};
  const Document* document = nullptr;
  if (!walk.lookups->look_up(walk, reference, document)) return false;
  if (document == nullptr) return true;
  std::string values = "[";
  if (document->has_source &&
      !append_source_values(walk, document->source, lookup.path, walk.limits.max_terms, values)) {
    return false;
  }
  values += ']';
  terms.found = values.size() > 2;
  walk.edits.replace(begin, walk.here() - begin, walk.arena.copy(values));
  return true;
}

bool walk_list(Walk& walk, Terms& terms) {
  if (walk.json.type() == JsonType::kObject) return walk_lookup(walk, terms);
  return walk.array([&](std::uint32_t i) {
    terms.values = i + 1;
    return i < walk.limits.max_terms ? walk.scalar() : walk.fail(DenyCode::kQueryTooMany);
  });
}

bool walk_value_type(Walk& walk, Terms& terms) {
  std::string_view type;
  terms.value_type.begin = walk.here();
  if (!walk.string(type)) return false;
  terms.value_type.end = walk.here();
  terms.bitmap = type == "bitmap";
  return terms.bitmap || type == "default" || walk.fail(DenyCode::kBodyValue, type);
}

// A bitmap is one value, and only a stored field of a document can hold one.
bool check_terms(Walk& walk, const Terms& terms) {
  if (terms.lookup && terms.bitmap != terms.stored) {
    return walk.fail(DenyCode::kQueryLookup, "store");
  }
  if (!terms.bitmap) return true;
  if (!terms.lookup && terms.values != 1) {
    return walk.fail_at_key("value_type", DenyCode::kBodyValue, "bitmap");
  }
  // No value is no bitmap.
  if (!terms.found && terms.lookup) {
    walk.edits.replace(terms.value_type.begin, terms.value_type.size(), R"("default")");
  }
  return true;
}

}  // namespace

bool walk_terms(Walk& walk) {
  Terms terms;
  std::uint32_t fields = 0;
  bool walked = walk.object([&](const Name& name) {
    if (const Key* key = find_key(kOptions, name)) return walk_value(walk, *key);
    if (name == "value_type") return walk_value_type(walk, terms);
    if (++fields > 1) return walk.fail(DenyCode::kQueryKeyUnknown, name);
    return check_value_field(walk, name) && walk_list(walk, terms);
  });
  if (!walked) return false;
  return fields == 1 ? check_terms(walk, terms) : walk.fail(DenyCode::kQueryShape);
}

}  // namespace weir
