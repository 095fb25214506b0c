// Asks the upstream for its version, which clients want to hear from `GET /` of the gate. In the
// background: an upstream that is down must not keep the gate from starting.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/settings.h"

namespace weir::proxy {

/// One question, answered or given up within a few seconds. Blocks. Nothing when the upstream does
/// not say. Never throws.
std::optional<std::string> ask_version(const UpstreamSettings& upstream) noexcept;

/// Asks at once, then again until there is an answer, and from then on every few minutes.
class VersionProbe {
 public:
  /// `learned` is called on the probe's own thread for every answer that differs from the one
  /// before.
  VersionProbe(UpstreamSettings upstream, std::function<void(std::string)> learned);
  /// Waits for a question that is under way.
  ~VersionProbe();
  VersionProbe(const VersionProbe&) = delete;
  VersionProbe& operator=(const VersionProbe&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::proxy
