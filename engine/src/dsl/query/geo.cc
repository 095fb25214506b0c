// geo_bounding_box, geo_distance, geo_polygon, geo_shape and xy_shape: one key is the field with
// its place, the others are options.
#include "dsl/geo.h"

#include "dsl/lookup.h"
#include "dsl/query/types.h"
#include "json/text.h"

namespace weir {
namespace {

constexpr Key kBoxOptions[] = {
    {"type", Rule::kString},
    {"validation_method", Rule::kString},
    {"ignore_unmapped", Rule::kBool},
    kBoost,
    kName,
};

constexpr Key kDistanceOptions[] = {
    {"distance", Rule::kScalar},
    {"unit", Rule::kString},
    {"distance_type", Rule::kString},
    {"validation_method", Rule::kString},
    {"ignore_unmapped", Rule::kBool},
    kBoost,
    kName,
};

constexpr Key kPolygonOptions[] = {
    {"validation_method", Rule::kString},
    {"ignore_unmapped", Rule::kBool},
    kBoost,
    kName,
};

bool walk_points(Walk& walk) {
  return walk.array([&](std::uint32_t i) {
    return i < walk.limits.max_terms ? walk_geo_point(walk) : walk.fail(DenyCode::kQueryTooMany);
  });
}

constexpr Key kPolygon[] = {custom("points", walk_points)};

constexpr Key kShapeOptions[] = {{"ignore_unmapped", Rule::kBool}, kBoost, kName};

constexpr Key kShape[] = {
    custom("shape", walk_geo_shape),
    {"relation", Rule::kString},
    {"strategy", Rule::kString},
};

struct IndexedShape {
  std::string_view index = "shapes";  // OpenSearch's defaults
  std::string_view id;
  std::string_view path = "shape";
  std::string_view routing;
};

bool walk_indexed_key(Walk& walk, std::string_view key, IndexedShape& indexed) {
  if (key == "index") return walk.string(indexed.index);
  if (key == "id") return walk.string(indexed.id);
  if (key == "path") return walk.string(indexed.path);
  if (key == "routing") return walk.string(indexed.routing);
  return walk.fail(DenyCode::kQueryKeyUnknown, key);
}

// The shape that a document holds; empty in the first round. OpenSearch refuses a search whose
// shape is not there.
bool walk_indexed_shape(Walk& walk, std::string_view& shape) {
  IndexedShape indexed;
  if (!walk.object([&](std::string_view key) { return walk_indexed_key(walk, key, indexed); }))
    return false;
  if (!is_source_path(indexed.path)) return walk.fail(DenyCode::kQueryLookup, "path");
  if (walk.lookups == nullptr) return walk.fail(DenyCode::kQueryLookup);
  Reference reference{indexed.index, indexed.id, indexed.routing,
                      walk.arena.concat({"[", json_string(indexed.path, walk.arena), "]"})};
  const Document* document = nullptr;
  if (!walk.lookups->look_up(walk, reference, document)) return false;
  if (document == nullptr) return true;
  Cursor value;
  if (document->has_source && !find_source_value(walk, document->source, indexed.path, value))
    return false;
  bool is_shape = value.type() == JsonType::kObject || value.type() == JsonType::kString;
  return is_shape ? copy_source_value(walk, value, shape) : walk.fail(DenyCode::kUpstreamRejected);
}

// The members beside a field with a shape; with an indexed one they are written anew around it.
bool walk_shape(Walk& walk) {
  std::size_t begin = walk.here();
  std::string_view kept;
  std::string_view shape;
  std::uint32_t indexed = 0;
  std::uint32_t given = 0;
  bool walked = walk.object([&](const Name& name) {
    if (name == "indexed_shape") {
      return ++indexed + given > 1 ? walk.fail(DenyCode::kQueryLookup)
                                   : walk_indexed_shape(walk, shape);
    }
    if (name == "shape" && ++given + indexed > 1) return walk.fail(DenyCode::kQueryLookup);
    const Key* key = find_key(kShape, name);
    return key == nullptr ? walk.fail(DenyCode::kQueryKeyUnknown, name)
                          : walk_kept(walk, *key, kept);
  });
  if (!walked) return false;
  if (!shape.empty()) {
    walk.edits.replace(begin, walk.here() - begin,
                       walk.arena.concat({R"({"shape":)", shape, kept, "}"}));
  }
  return true;
}

bool walk_place(Walk& walk, std::span<const Key> options, bool (*place)(Walk&)) {
  std::uint32_t fields = 0;
  bool walked = walk.object([&](const Name& name) {
    if (const Key* key = find_key(options, name)) return walk_value(walk, *key);
    if (++fields > 1) return walk.fail(DenyCode::kQueryKeyUnknown, name);
    return check_field(walk, name) && place(walk);
  });
  if (!walked) return false;
  return fields == 1 ? true : walk.fail(DenyCode::kQueryShape);
}

}  // namespace

bool walk_geo_bounding_box(Walk& walk) {
  return walk_place(walk, kBoxOptions,
                    [](Walk& w) { return walk_geo_box(w, DenyCode::kQueryKeyUnknown); });
}

bool walk_geo_distance_query(Walk& walk) {
  return walk_place(walk, kDistanceOptions, walk_geo_point);
}

bool walk_geo_polygon(Walk& walk) {
  return walk_place(walk, kPolygonOptions, [](Walk& w) { return walk_query_members(w, kPolygon); });
}

bool walk_geo_shape_query(Walk& walk) { return walk_place(walk, kShapeOptions, walk_shape); }

}  // namespace weir
