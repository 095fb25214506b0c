// Writing a JSON string literal: the one thing about JSON that every part of the engine has to say.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// Appends `text` with its quotes. Bytes outside ASCII stay as they are. REQUIRES: valid UTF-8.
void append_json_string(std::string_view text, std::string& out);

}  // namespace weir
