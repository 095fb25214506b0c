// What happens once in the life of a store: it is tied to its key file, and the first API token is
// made.
#pragma once

#include <optional>
#include <string>

#include "auth/key_ring.h"
#include "store/store.h"

namespace weir::proxy {

/// Ties a new store to the newest of these keys; otherwise makes the store's active key the active
/// one of the ring, or says that it is not in it. Empty text when the two belong together.
std::string check_key_of_store(Transaction& work, KeyRing& keys);

struct FirstApiToken {
  std::string account;
  std::string file;                // where a random one is written
  const char* variable = nullptr;  // the value of WEIR_API_TOKEN, null when unset
  Seconds now = 0;
};

/// Makes the first API token unless the store has had one. Returns what is wrong; empty when
/// nothing is. `made` becomes true if one was made and stands in the file.
std::string make_first_api_token(Transaction& work, const KeyRing& keys,
                                 const FirstApiToken& wanted, bool& made);

/// Shorter ones could be guessed.
inline constexpr std::size_t kMinApiTokenBytes = 20;

}  // namespace weir::proxy
