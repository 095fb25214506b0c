// Who calls the API.
#pragma once

#include <optional>
#include <string_view>

#include "auth/key_ring.h"
#include "store/store.h"

namespace weir::proxy {

/// The API token with this secret. The store does not know the secrets of API tokens, so after a
/// change of keys each moves to the active key here, when it is used. Throws StoreError if the
/// store cannot be read.
std::optional<ApiTokenRow> find_api_token(Store& store, const KeyRing& keys,
                                          std::string_view secret);

}  // namespace weir::proxy
