// Lets a session live its life. Internal to net/ and front/.
#pragma once

#include <exception>
#include <memory>

#include "net/worker.h"

namespace weir::proxy {

/// A session that ends by an exception (out of memory, in practice) closes its connection and
/// nothing else.
template <typename S>
void launch(Worker& worker, std::shared_ptr<S> session) {
  spawn(worker.context, S::run(session), [&worker](const std::exception_ptr& failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      worker.shared.log.event(LogLevel::kError, "session_failed", {{"what", error.what()}});
    }
  });
}

}  // namespace weir::proxy
