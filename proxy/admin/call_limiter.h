// How many calls of each account are under way, from their arrival to their answer. The network
// threads count; which account an API token belongs to is learned from calls that were answered, so
// that nothing has to be looked up before a call may wait for its turn.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "weir/request.h"

namespace weir::proxy {

/// Any thread may call anything at any time.
class CallLimiter {
 public:
  struct Limits {
    std::map<std::string, std::size_t> accounts = {};
    std::size_t other = 100;  // of an API token whose account is not known (yet)
  };

  /// One call's place, given back at the end. The limiter must outlive it.
  class Place {
   public:
    Place(Place&& other) noexcept
        : limiter_(std::exchange(other.limiter_, nullptr)), whose_(std::move(other.whose_)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (limiter_ != nullptr) limiter_->leave(whose_);
    }

   private:
    friend class CallLimiter;
    Place(CallLimiter* limiter, std::string whose) : limiter_(limiter), whose_(std::move(whose)) {}
    CallLimiter* limiter_;
    std::string whose_;
  };

  void set_limits(Limits limits);

  /// Nothing when the account has its share already.
  std::optional<Place> enter(const TokenDigest& api_token);

  void learn(const TokenDigest& api_token, const std::string& account);
  void forget(const TokenDigest& api_token);

 private:
  struct DigestOrder {
    bool operator()(const TokenDigest& a, const TokenDigest& b) const noexcept {
      return a.bytes < b.bytes;
    }
  };
  void leave(const std::string& whose) noexcept;

  std::mutex mutex_;
  Limits limits_;
  std::map<TokenDigest, std::string, DigestOrder> accounts_;  // of good API tokens only
  std::map<std::string, std::size_t> under_way_;              // never 0
};

}  // namespace weir::proxy
