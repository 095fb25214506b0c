// Takes a secret out of a text that somebody else wrote.
#pragma once

#include <string>
#include <string_view>

namespace weir::proxy {

/// Puts `[secret]` in place of every `secret` in `text`. Very short ones stay: they would tear the
/// text apart and are no secrets.
void scrub(std::string& text, std::string_view secret);

}  // namespace weir::proxy
