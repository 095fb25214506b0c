// Times of the Shared Tokens API, in the forms that clients of the published API send them.
#pragma once

#include <optional>
#include <string_view>

#include "store/store.h"

namespace weir::proxy {

/// Seconds since 1970 (a fraction is dropped), or milliseconds: which of the two is told by the
/// magnitude. Nothing if it is no time after 1970.
std::optional<Seconds> time_of_number(double number);

/// `2026-11-22T18:30:00Z`, also with a fraction (which is dropped), and with an offset (`+01:00`,
/// `-0530`) in place of the `Z`. A time without either means another moment in every time zone, so
/// it is none. Nothing if it is no time after 1970.
std::optional<Seconds> time_of_text(std::string_view text);

}  // namespace weir::proxy
