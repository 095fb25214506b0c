// Whether a secret opens anything, asked anew for every request: the same policy, digests and
// limits as at the gate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::proxy {

class Worker;

struct Visitor {
  enum class State : std::uint8_t {
    kRefused,    // unknown, expired, revoked
    kElsewhere,  // not from this address
    kUnknown,    // there is no policy to tell by
    kWelcome,
  };
  State state = State::kRefused;
  // For kWelcome.
  std::uint32_t token_id = 0;
  std::string account;
  std::optional<std::int64_t> expires_at;  // seconds since 1970
};

/// `remote` is the browser's literal address. The worker's own thread. Does not block.
Visitor check_visitor(Worker& worker, std::string_view secret, std::string_view remote);

/// A short name of a secret, from which it cannot be told: for a page to notice that the browser
/// has opened another link meanwhile.
std::string view_tag(std::string_view secret);

}  // namespace weir::proxy
