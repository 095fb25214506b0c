// Carrying a response plan out: bytes of the upstream's answer in, bytes of the client's answer out, in bounded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "weir/limits.h"
#include "weir/verdict.h"

namespace weir {

/// True if an answer with this status may be passed on byte for byte (also compressed), without an editor.
bool passes_untouched(const ResponsePlan& plan, int upstream_status) noexcept;

/// Edits one answer as it streams by. Not thread-safe. Never throws. The plan, its views and the sealer must outlive it.
///
/// begin() once, then feed() for every piece of the (decompressed) upstream body, then finish(). The client's status is
/// known once head_ready(): until then nothing has been appended to `out`. After kFailed the caller must break off: with
/// its own error (kUpstreamProtocol) if !head_ready() before the call, by closing the connection otherwise.
class ResponseEditor {
 public:
  enum class Progress : std::uint8_t { kMore, kFailed };

  ResponseEditor(const ResponsePlan& plan, const Sealer* sealer, const Limits& limits = {});
  ~ResponseEditor();
  ResponseEditor(const ResponseEditor&) = delete;
  ResponseEditor& operator=(const ResponseEditor&) = delete;

  /// Any status: errors are mapped to Weir's own (upstream_problem() tells which), a 200 is edited by the plan.
  void begin(int upstream_status) noexcept;
  Progress feed(std::string_view piece, std::string& out) noexcept;
  Progress finish(std::string& out) noexcept;

  bool head_ready() const noexcept;
  /// REQUIRES: head_ready().
  int status() const noexcept;
  /// The client's media type. REQUIRES: head_ready().
  std::string_view content_type() const noexcept;

  /// The code the client was given for an upstream error; kUndecided when there was none. REQUIRES: head_ready().
  DenyCode upstream_problem() const noexcept;
  /// For the log only: the beginning of an upstream error as it came, empty when there was none.
  std::string_view upstream_error() const noexcept;

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
