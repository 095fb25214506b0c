// Answers of the API for people: tables with a heading, or the JSON as it came.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "cli/api_client.h"

namespace weir::proxy {

/// A column of a table: its heading, and the member it shows.
struct Column {
  std::string_view title;
  std::string_view member;
  enum class Kind { kPlain, kTime } kind = Kind::kPlain;
};

/// One row per object: `body` is an object, an array of them, or an object with them in `results`.
/// A single object is shown as lines of member and value. Empty text when `body` is no such JSON.
std::string table_of(const std::string& body, const std::vector<Column>& columns, bool as_list);

/// What an answer of the API that is none of success says: message, errorCode and requestId.
std::string describe_error(const ApiAnswer& answer);

/// Whatever a terminal would not take as text is replaced: names are made by others.
std::string printable(std::string_view text);

}  // namespace weir::proxy
