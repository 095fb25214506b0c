// Texts in Lucene's query syntax: which fields they name.
//
// The text is not parsed: a second parser would differ from Lucene's in some corner. Instead every
// `:` is taken for the end of a field name, wherever it stands, and everything that could be that
// name has to be open. So a quoted sentence may be refused without need, but no way of writing can
// hide a name.
#pragma once

#include <string_view>

#include "dsl/walk.h"

namespace weir {

/// True if no closed field is named in `text`; else `offending` is the part of it in doubt. Cost:
/// linear in the text. `\u` escapes are in doubt as such.
bool check_query_text(std::string_view text, std::string_view& offending);

/// Reads the text of a query, bounded in bytes and in its number of groups (Lucene's parser and the
/// search behind it recurse on them).
bool walk_bounded_text(Walk& walk, std::string_view& text);

/// `quote_field_suffix`: what is put behind field names. No name may become a closed one by it.
bool walk_field_suffix(Walk& walk);

}  // namespace weir
