// Small answers that are read whole before anything is said: counts and the acknowledgement of
// closed scrolls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::response {

enum class CountOutcome : std::uint8_t {
  kWritten,
  kPartial,  // some shard did not count
  kUnknown,  // not the answer to a search with an exact total
};

/// Appends {"count":N,"_shards":{…}} made of the answer to a search of size 0, or {"count":N} only.
CountOutcome append_count(std::string_view answer, bool count_only, std::string& out);

enum class ClearedOutcome : std::uint8_t {
  kExact,    // {"succeeded":bool,"num_freed":N} and nothing else
  kMore,     // those two and others
  kUnknown,  // anything else
};

/// Appends {"succeeded":…,"num_freed":…} unless kUnknown.
ClearedOutcome append_cleared(std::string_view answer, std::string& out);

/// Whether the answer to a GET of a stored script has one in the templates' language; nothing if it
/// is not JSON.
std::optional<bool> is_search_template(std::string_view answer);

}  // namespace weir::response
