// The time that one request has spent in each of its stages, however often it went through them.
#pragma once

#include <array>
#include <chrono>

#include "observe/causes.h"

namespace weir::proxy {

/// Not thread-safe.
class StageClock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Spent = std::array<std::chrono::nanoseconds, kStages>;

  /// It has been in Stage::kHead since `begin`.
  explicit StageClock(Time begin) : since_(begin) {}

  /// What has passed until `now` belongs to the stage before.
  void enter(Stage stage, Time now) noexcept {
    if (now > since_) {
      spent_[static_cast<std::size_t>(stage_)] += now - since_;
      since_ = now;
    }
    stage_ = stage;
  }
  const Spent& spent() const noexcept { return spent_; }

 private:
  Spent spent_{};
  Stage stage_ = Stage::kHead;
  Time since_;
};

}  // namespace weir::proxy
