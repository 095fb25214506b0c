// An upstream error becomes one of Weir's own: by its status and a closed list of error types,
// never by its text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "weir/verdict.h"

namespace weir::response {

/// `body` may be cut short, empty or no JSON at all: what was understood before that counts.
/// A `status` that is not an error's gives kUpstreamProtocol.
DenyCode map_upstream_error(PlanKind kind, int status, std::string_view body);

/// The error of one item of a multi-search answer: read up to a cap, then mapped.
class ItemError {
 public:
  explicit ItemError(std::size_t cap) : cap_(cap) {}

  void begin();
  bool active() const { return active_; }
  void add_error(std::string_view raw);
  void add_status(std::string_view raw);
  DenyCode code(PlanKind kind) const;
  /// What was read of it, as `{"error":…`.
  const std::string& text() const { return text_; }

 private:
  std::size_t cap_;
  bool active_ = false;
  std::string text_;
  std::string status_;
};

}  // namespace weir::response
