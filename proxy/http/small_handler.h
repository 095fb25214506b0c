// The seam between the admin listener (which knows sockets) and what it serves (which knows none):
// one whole request in, one whole answer out. Also what makes the control plane testable without a
// socket.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::proxy {

struct SmallRequest {
  std::string method;                                        // as on the wire
  std::string target;                                        // origin form, still percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;  // names lower case
  std::string body;    // decoded, within the admin listener's cap
  std::string remote;  // address of the peer, for the log
  std::string request_id;

  /// The value of a header by its lower-case name; empty when absent.
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

struct SmallResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string error_code = {};  // as in the body of an error, for the log
  std::string body;
  std::vector<std::pair<std::string, std::string>>
      headers;  // beside content-type and content-length
  /// If set, the answer is what this returns, and nothing else here counts. Called once, on a
  /// thread that may block on the search cluster while the control thread goes on; must not throw.
  std::function<SmallResponse()> later = nullptr;
};

/// Called on one thread at a time (the control thread, never a network thread); may block on the
/// store. Must not throw.
using SmallHandler = std::function<SmallResponse(const SmallRequest&)>;

}  // namespace weir::proxy
