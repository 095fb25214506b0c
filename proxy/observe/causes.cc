#include "observe/causes.h"

#include <array>

namespace weir::proxy {
namespace {

// Statuses that say "later".
bool says_later(int status) {
  return status == 408 || status == 429 || status == 503 || status == 504;
}

}  // namespace

std::string_view stage_name(Stage stage) noexcept {
  static constexpr std::array<std::string_view, kStages> kNames = {
      "head",    "token",         "body",          "decide", "limit",           "pool",
      "connect", "upstream_send", "upstream_head", "epoch",  "upstream_answer", "upstream_body",
      "write"};
  return kNames[static_cast<std::size_t>(stage)];
}

Cause cause_of(DenyCode code) noexcept {
  const DenyInfo& info = deny_info(code);
  // A garbled answer is one answer; a refused credential stays refused.
  const bool retry = says_later(info.status) || code == DenyCode::kUpstreamProtocol;
  return {info.code, info.reason, retry};
}

bool is_denial(DenyCode code) noexcept {
  const DenyInfo& info = deny_info(code);
  return info.status < 500 && !info.code.starts_with("upstream.") && code != DenyCode::kHttpTimeout;
}

}  // namespace weir::proxy
