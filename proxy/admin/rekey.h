// Puts the rows of a store under another key, or takes the secrets out of it; in batches, so that a
// server over the same store is not kept waiting, and so that what was done stays done whenever it
// is stopped.
#pragma once

#include <cstddef>

#include "auth/key_ring.h"
#include "store/store.h"

namespace weir::proxy {

struct Rekeyed {
  std::size_t moved = 0;
  std::size_t unreadable = 0;  // secrets that none of the keys opens: those are lost anyway
};

/// Every shared token and every link whose secret is stored gets its digest and its secret under the active key of
/// the ring. Epochs and revisions stay: open cursors go on. Throws StoreError; what was committed
/// before stays.
Rekeyed rekey_tokens(Store& store, const KeyRing& keys, std::size_t batch = 256);

/// No secret of a shared token or link is stored any more; they work on by their digests, each under the
/// key it has. Returns how many there were. Throws StoreError; what was committed before stays.
std::size_t forget_secrets(Store& store, std::size_t batch = 256);

}  // namespace weir::proxy
