// Addresses of pages in OpenSearch Dashboards, as people copy them: what a link leads to, and the
// time range in it. Dashboards keeps its state in the fragment, as `_g` and `_a` in a notation
// called rison.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/result.h"

namespace weir::proxy {

/// The longest path of a link; Dashboards shortens longer ones itself.
inline constexpr std::size_t kMaxLinkPathBytes = 16U << 10U;

/// Path, query and fragment of `text`, an URL or a path, without `shareToken`: visible ASCII that
/// begins with one slash. A problem is told as the rest of a sentence.
Result<std::string> parse_dashboards_url(std::string_view text);

/// Milliseconds since 1970.
using TimeMs = std::int64_t;

/// A time of Dashboards: ISO 8601 with its zone, or date math such as `now-15m` or `now/d`, as of
/// `now_ms`; `round_up`: a unit that is rounded to means its end. Nothing if it is neither.
std::optional<TimeMs> parse_dashboards_time(std::string_view text, TimeMs now_ms, bool round_up);

/// `2026-11-22T18:30:00.000Z`.
std::string time_text(TimeMs time);

/// `path` with a time range that stands still: `from` and `to` where they are given, else the
/// path's own as of now. A problem where there is neither.
Result<std::string> freeze_time(const std::string& path, std::optional<TimeMs> from,
                                std::optional<TimeMs> to, TimeMs now_ms);

/// `front` + `path` with `shareToken`.
std::string shared_url(std::string_view front, std::string_view path, std::string_view secret);

/// A frame for another page. `title` is for people.
std::string embed_html(std::string_view front, const std::string& path, std::string_view secret,
                       std::string_view title);

}  // namespace weir::proxy
