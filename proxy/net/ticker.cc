#include "net/ticker.h"

namespace weir::proxy {

Task<bool> Event::wait(TimePoint deadline) {
  if (set_) co_return true;
  timer_.expires_at(deadline);
  auto waited =
      operation<ErrorCode>([this](auto handler) { timer_.async_wait(std::move(handler)); });
  co_await waited;
  co_return set_;
}

Ticker::Member::Member(Ticker& ticker) : next_(ticker.first_), ticker_(ticker) {
  if (next_ != nullptr) next_->previous_ = this;
  ticker.first_ = this;
}

Ticker::Member::~Member() {
  if (next_ != nullptr) next_->previous_ = previous_;
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else {
    ticker_.first_ = next_;
  }
}

void Ticker::start() {
  running_ = true;
  arm();
}

void Ticker::stop() {
  running_ = false;
  timer_.cancel();
}

void Ticker::arm() {
  timer_.expires_after(kTick);
  timer_.async_wait([this](const ErrorCode& error) {
    if (!error && running_) round();
  });
}

void Ticker::round() {
  TimePoint now = Clock::now();
  for (Member* member = first_; member != nullptr; member = member->next_) member->tick(now);
  arm();
}

}  // namespace weir::proxy
