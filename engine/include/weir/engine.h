// weir::engine: policy snapshot + request bytes in, verdict + rewritten bytes out.
//
// Pure: no sockets, files, clocks, threads, logs or globals; the same input gives the same bytes. Nothing throws across this
// edge; running out of memory denies.
#pragma once

#include <memory>

#include "weir/limits.h"
#include "weir/policy.h"
#include "weir/request.h"
#include "weir/verdict.h"

namespace weir {

/// Scratch memory of one request, reusable for the next: keep one per connection or thread. Not thread-safe.
/// A verdict points into it until the next decide() with it.
class Workspace {
 public:
  explicit Workspace(const Limits& limits = {});
  ~Workspace();
  Workspace(Workspace&&) noexcept;
  Workspace& operator=(Workspace&&) noexcept;

  const Limits& limits() const noexcept;

  class Impl;
  Impl& impl() noexcept { return *impl_; }  // for the engine

 private:
  std::unique_ptr<Impl> impl_;
};

/// Decides one request. Cost: linear in the body.
Verdict decide(const PolicySnapshot& snapshot, const RequestView& request, Workspace& workspace) noexcept;

}  // namespace weir
