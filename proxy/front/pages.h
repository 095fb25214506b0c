// What the front says itself: the pages and the small JSON that a browser meets when something is
// not as it should be. None of them repeats anything of the request, and none tells why a link is
// refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/head_guard.h"

namespace weir::proxy {

enum class Notice : std::uint8_t {
  kNoLink,      // no secret, or one that opens nothing (any more)
  kElsewhere,   // asked for under another host name, or from a network the token is not for
  kReadOnly,    // what a viewer cannot do
  kBadRequest,  // an address that could be read two ways, a request that is none
  kNotFound,
  kTooLarge,
  kUnavailable,  // nothing decides at the moment, or Dashboards does not answer
};

/// Of the answer.
int notice_status(Notice notice) noexcept;
/// For logs: a static word.
std::string_view notice_code(Notice notice) noexcept;

/// A page for people, complete with its style sheet's address.
std::string notice_page(Notice notice);
/// In the shape of Dashboards' own errors, whose pages show `message`.
std::string notice_json(Notice notice);

/// Whether somebody is looking at an address bar, rather than a page asking for data.
bool is_navigation(const RequestHead& head) noexcept;

/// The value of a header by its lower-case name; empty when absent.
std::string_view header_of(const RequestHead& head, std::string_view name) noexcept;

}  // namespace weir::proxy
