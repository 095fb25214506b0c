// Weir's own questions to a search cluster, apart from the requests of token holders: one at a
// time, answered whole, for threads that may block.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/settings.h"

namespace weir::proxy {

/// One thread at a time. Keeps its connection.
class UpstreamClient {
 public:
  struct Answer {
    int status = 0;
    std::string body;
  };

  /// Every time of the settings counts at most as `patience`.
  UpstreamClient(UpstreamSettings upstream, Millis patience);
  ~UpstreamClient();
  UpstreamClient(const UpstreamClient&) = delete;
  UpstreamClient& operator=(const UpstreamClient&) = delete;

  /// GET, with `target` in origin form as it is to be sent. Blocks, a few times `patience` at the
  /// most. Nothing if no whole answer of at most `max_bytes` came. Never throws.
  std::optional<Answer> get(std::string_view target, std::size_t max_bytes) noexcept;

 private:
  struct Line;
  UpstreamSettings settings_;
  Millis patience_;
  std::unique_ptr<Line> line_;  // null until it is needed, and after a failure
};

}  // namespace weir::proxy
