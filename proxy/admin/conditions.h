// What a request says beside its body: URI parameters, and the conditions If-Match and
// If-None-Match.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "http/small_handler.h"

namespace weir::proxy {

using UriParameters = std::map<std::string, std::string>;

/// Reads what follows the `?` of `target`. `known` are the names it may hold, separated by blanks.
/// On a name that is unknown or given twice, or an encoding that is none, says what is wrong;
/// empty when nothing is.
std::string parse_uri_parameters(std::string_view target, std::string_view known,
                                 UriParameters& out);

/// The entity tag of a row. The same for as long as nothing about it changes but its use.
std::string etag_of(std::uint64_t revision);

enum class Condition : std::uint8_t { kAbsent, kHolds, kFails, kMalformed };

/// If-Match: weak tags never match.
Condition if_match(const SmallRequest& request, std::string_view etag);
/// If-None-Match: kHolds if the client does not have the row as it is.
Condition if_none_match(const SmallRequest& request, std::string_view etag);

}  // namespace weir::proxy
