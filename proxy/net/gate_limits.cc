// The part of GateSession that holds a token to the limits its operator has set.
#include <algorithm>
#include <limits>

#include "net/gate_request.h"
#include "net/gate_session.h"

namespace weir::proxy {

// Null if it has none.
const TokenLimits* GateSession::limits_of_token() const {
  const Request& request = *request_;
  return request.limits ? request.limits->find(request.verdict.token_id()) : nullptr;
}

// kUndecided: it may go on. A request counts once against the rate, however often this is asked.
DenyCode GateSession::check_limits() {
  Request& request = *request_;
  const TokenLimits* limits = limits_of_token();
  if (limits == nullptr) return DenyCode::kUndecided;
  request.enter(Stage::kLimit);
  note_use();
  if (!limits->allows_remote(client_.remote())) return DenyCode::kTokenNetwork;
  if (!limits->allows_referrer(request.head)) return DenyCode::kTokenReferrer;
  if (limits->requests_per_second && !request.rated) {
    request.rated = true;
    request.retry_after = worker_.shared.rates.take(request.verdict.token_id(),
                                                    *limits->requests_per_second, Clock::now());
    if (request.retry_after != 0) return DenyCode::kLimitRate;
  }
  request.enter(Stage::kDecide);
  return DenyCode::kUndecided;
}

// Whether the client may still have an answer, by what is in force now. REQUIRES: the policy has
// been looked at.
bool GateSession::limits_still_hold() {
  const Request& request = *request_;
  const SharedPolicy::Limits& now = worker_.policy.limits();
  if (!now || now == request.limits) return true;
  const TokenLimits* limits = now->find(request.verdict.token_id());
  return limits == nullptr ||
         (limits->allows_remote(client_.remote()) && limits->allows_referrer(request.head));
}

std::uint32_t GateSession::max_at_once() const {
  const TokenLimits* limits = limits_of_token();
  return limits != nullptr && limits->concurrent_searches
             ? *limits->concurrent_searches
             : std::numeric_limits<std::uint32_t>::max();
}

std::uint64_t GateSession::max_answer_bytes() const {
  const TokenLimits* limits = limits_of_token();
  return limits != nullptr && limits->response_bytes ? *limits->response_bytes
                                                     : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace weir::proxy
