// Heads on their way through the front. Unlike the gate's they are passed on, so each side's are
// read strictly and written anew: nothing about the connection, no credential and no cookie of the
// front's gets from one side to the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "front/cookies.h"
#include "http/head_guard.h"

namespace weir::proxy {

/// The head of an answer of Dashboards' (or the gate's).
struct RelayHead {
  using Header = std::pair<std::string, std::string>;  // name in lower case

  int status = 0;
  std::vector<Header> headers;
  BodyFraming framing = BodyFraming::kNone;
  std::uint64_t content_length = 0;
  bool keep_alive = true;

  /// Of the first header of this name; empty when absent.
  std::string_view value(std::string_view name) const noexcept;
  bool is_html() const noexcept;
};

/// `bytes` is one head through its empty line. Nothing if its framing leaves a doubt. With 101
/// there is no framing.
std::optional<RelayHead> parse_relay_head(std::string_view bytes, bool to_head);

struct RelayRequest {
  const RequestHead* head = nullptr;
  std::string_view target;         // path and query
  std::string_view fixed_headers;  // Host
  std::string_view secret;         // becomes X-Shared-Token
  std::string_view cookies;        // without the front's; none when empty
  std::optional<std::size_t> content_length;
  bool plain = false;    // no compressed answer
  bool upgrade = false;  // a WebSocket is to be opened
};

/// Appends the head of the request to Dashboards.
void append_relay_request(const RelayRequest& request, std::string& out);

/// What is said of every page, whoever made it.
struct PageRules {
  const FrontCookies* cookies = nullptr;
  std::string_view frame_ancestors;  // sources of the directive
  std::string_view origin;           // `http[s]://host:port` of Dashboards, for its own redirects
};

/// Appends those headers of Dashboards' answer that go to the browser, and the front's own. False
/// if it leads somewhere else.
bool append_relayed_headers(const RelayHead& head, const PageRules& rules, std::string& out);

/// Where a marker belongs in a page: the offset behind its `<head>` tag, if that has come.
std::optional<std::size_t> find_page_head(std::string_view html) noexcept;

}  // namespace weir::proxy
