// Weir's own questions to a search cluster, apart from the requests of token holders: one at a
// time, answered whole, for threads that may block.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/settings.h"
#include "weir/request.h"

namespace weir::proxy {

/// One thread at a time. Keeps its connection.
class UpstreamClient {
 public:
  struct Answer {
    int status = 0;
    std::string body;
    std::string etag;  // empty when absent
  };

  /// Borrowed for the call. `target` in origin form, as it is to be sent.
  struct Question {
    Method method = Method::kGet;
    std::string_view target;
    std::string_view content_type = {};  // empty exactly when there is no body
    std::span<const std::string_view> body = {};
  };

  /// Every time of the settings counts at most as `patience`.
  UpstreamClient(UpstreamSettings upstream, Millis patience);
  ~UpstreamClient();
  UpstreamClient(const UpstreamClient&) = delete;
  UpstreamClient& operator=(const UpstreamClient&) = delete;

  /// Blocks, a few times `patience` at the most. Nothing if no whole answer of at most `max_bytes`
  /// came. Asked twice where a kept connection turns out to be closed. Never throws.
  std::optional<Answer> ask(const Question& question, std::size_t max_bytes) noexcept;
  std::optional<Answer> get(std::string_view target, std::size_t max_bytes) noexcept {
    return ask({.target = target}, max_bytes);
  }

 private:
  struct Line;
  UpstreamSettings settings_;
  Millis patience_;
  std::unique_ptr<Line> line_;  // null until it is needed, and after a failure
};

}  // namespace weir::proxy
