#include "admin/api_caller.h"

namespace weir::proxy {
namespace {

void move_to_active(Store& store, const ApiTokenRow& row, const TokenDigest& digest) try {
  const auto work = store.begin_write();
  work->rekey_api_token(row.id, digest);
  work->commit();
} catch (const StoreError&) {
  // The key it is under stays good; the next use tries again.
}

}  // namespace

std::optional<ApiTokenRow> find_api_token(Store& store, const KeyRing& keys,
                                          std::string_view secret) {
  if (secret.empty()) {
    return std::nullopt;
  }
  const TokenDigests digests = keys.api_token_digests(secret);
  std::optional<ApiTokenRow> found;
  const TokenDigest* under = nullptr;
  {
    const auto work = store.begin_read();
    for (const TokenDigest& digest : digests) {
      if (!found && (found = work->find_api_token(digest))) {
        under = &digest;
      }
    }
  }
  if (found && under != digests.begin()) {
    move_to_active(store, *found, *digests.begin());
  }
  return found;
}

}  // namespace weir::proxy
