// The sections that say how hits are shown: shared by a search's body, top_hits and inner_hits, so
// that hits at every depth are held to the same rules.
#pragma once

#include <string_view>

#include "dsl/rules.h"
#include "dsl/walk.h"

namespace weir {

/// The row of a key that means the same wherever hits are listed (`from` and `size` apart), or null.
const Key* find_hits_key(const Name& name);

/// The object of `inner_hits` below a query. Its highlighting marks up the inner query, which holds
/// no injected filter.
bool walk_inner_hits(Walk& walk);

/// The same below a query that holds the injected filter: the places where a highlight needs the
/// client's query stay in `walk.highlights`, for the caller to take.
bool walk_joined_hits(Walk& walk);

/// `sort`: a name, an object, or an array of them. `_doc` (a Lucene number that counts hidden
/// documents) is replaced by
/// a key that is level. Remembers in `walk` whether a nested sort was seen.
bool walk_sort(Walk& walk);

/// One `field` or `field:direction` of the URI parameter `sort`; the JSON text of the same sort, or
/// nothing if it is not open.
std::string_view sort_from_parameter(std::string_view value, Profile profile, Arena& arena,
                                     DenyCode& why);

/// `highlight`: options, and fields with the same options.
bool walk_highlight(Walk& walk);

/// An array of field names or `{field, format}` objects.
bool walk_docvalue_fields(Walk& walk);
bool walk_source_fields(Walk& walk);

/// Metadata that `stored_fields` may name.
bool is_stored_metadata(std::string_view name);

/// `stored_fields`: as kFieldPatterns, and is_stored_metadata().
bool walk_stored_fields(Walk& walk);

/// `script_fields`: names, each with a script that runs on the hits.
bool walk_script_fields(Walk& walk);

/// `collapse`: counts the searches for the other hits of a value in `walk`.
bool walk_collapse(Walk& walk);

/// A number of hits (`from` or `size`) within the result window.
bool walk_hit_count(Walk& walk);

}  // namespace weir
