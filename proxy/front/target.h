// What a browser asks the front for, in the one spelling that is let through. Whoever stands behind
// the front must not read a path otherwise than the front does: what could be read two ways is
// refused. The secret of a link is taken out here, so that nobody further in meets it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/secret.h"

namespace weir::proxy {

struct FrontTarget {
  std::string path;   // no empty, `.` or `..` segment, nothing encoded that need not be
  std::string query;  // without `?`, without any `shareToken`
  bool has_secret = false;
  Secret secret;  // empty if what was presented cannot be one, or was presented twice

  /// Path and query, as they are to be asked for.
  std::string clean() const { return query.empty() ? path : path + "?" + query; }
};

/// `target` is in origin form and visible ASCII. Nothing if its path has another spelling.
std::optional<FrontTarget> parse_front_target(std::string_view target);

/// True for texts that secrets may look like. They are safe in a cookie as they are.
bool plausible_secret(std::string_view text) noexcept;

}  // namespace weir::proxy
