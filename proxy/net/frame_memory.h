// Memory for the frames of coroutines: each thread keeps what it gave back, by size.
#pragma once

#include <cstddef>

namespace weir::proxy {

/// Throws std::bad_alloc.
void* take_frame(std::size_t bytes);
/// REQUIRES: `frame` comes from take_frame(bytes), on any thread.
void give_frame(void* frame, std::size_t bytes) noexcept;

}  // namespace weir::proxy
