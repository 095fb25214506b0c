// Which keys the rows of a store need, so that none is thrown away too early.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "auth/key_ring.h"
#include "store/store.h"

namespace weir::proxy {

/// Rows under one key.
struct KeyNeed {
  std::size_t sealed = 0;      // shared tokens with a stored secret: `weir key rotate` moves them
  std::size_t unsealed = 0;    // those whose secret is not stored, until they are gone
  std::size_t sealed_links = 0;  // the same of links
  std::size_t links = 0;
  std::size_t former = 0;      // secrets from before a rotation of their token, until they end
  std::size_t api_tokens = 0;  // until they are used once more, or revoked
  bool any() const noexcept {
    return sealed + unsealed + sealed_links + links + former + api_tokens != 0;
  }
};

/// By DerivedKey::name(); under the empty name rows that none of the keys made. Rows that have
/// expired are counted too: they can be given more time. Throws StoreError.
std::map<std::string, KeyNeed> key_needs(Transaction& work, const DerivedKeys& keys, Seconds now);

/// For people: `3 shared tokens, 1 API token`.
std::string describe(const KeyNeed& need);

/// The fingerprint of the key that is active in this store; empty before its first start.
std::string active_key(Transaction& work);
void set_active_key(Transaction& work, const std::string& fingerprint);

}  // namespace weir::proxy
