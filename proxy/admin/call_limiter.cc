#include "admin/call_limiter.h"

namespace weir::proxy {

void CallLimiter::set_limits(Limits limits) {
  const std::lock_guard lock(mutex_);
  limits_ = std::move(limits);
}

std::optional<CallLimiter::Place> CallLimiter::enter(const TokenDigest& api_token) {
  const std::lock_guard lock(mutex_);
  const auto known = accounts_.find(api_token);
  // An account's name holds no NUL, so that no unknown API token shares the place of an account.
  std::string whose =
      known != accounts_.end()
          ? known->second
          : std::string(1, '\0') + std::string(api_token.bytes.begin(), api_token.bytes.end());
  const auto limit = limits_.accounts.find(whose);
  std::size_t& count = under_way_[whose];
  if (count >= (limit == limits_.accounts.end() ? limits_.other : limit->second)) {
    return std::nullopt;
  }
  ++count;
  return Place(this, std::move(whose));
}

void CallLimiter::leave(const std::string& whose) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = under_way_.find(whose);
  if (found != under_way_.end() && --found->second == 0) {
    under_way_.erase(found);
  }
}

void CallLimiter::learn(const TokenDigest& api_token, const std::string& account) {
  const std::lock_guard lock(mutex_);
  accounts_.insert_or_assign(api_token, account);
}

void CallLimiter::forget(const TokenDigest& api_token) {
  const std::lock_guard lock(mutex_);
  accounts_.erase(api_token);
}

}  // namespace weir::proxy
