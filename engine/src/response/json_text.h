// JSON strings, written and read one at a time.
#pragma once

#include <string>
#include <string_view>

namespace weir::response {

/// Appends `text` as a quoted JSON string. Bytes outside of ASCII stay as they are.
void append_json_string(std::string_view text, std::string& out);

/// Appends the meaning of a well-formed JSON string, quotes included; false for an unpaired
/// surrogate.
bool append_decoded(std::string_view quoted, std::string& out);

}  // namespace weir::response
