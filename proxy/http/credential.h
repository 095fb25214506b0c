// Which shared token a request presents. Three carriers, one token: two that differ are a mistake
// or a trick, and refused.
#pragma once

#include <cstdint>

#include "auth/secret.h"
#include "http/head_guard.h"

namespace weir::proxy {

enum class CredentialState : std::uint8_t {
  kAbsent,  // nothing that could be a shared token (also: Basic for somebody else, an unknown
            // scheme)
  kPresent,
  kConflict,  // two different credentials
};

struct Credential {
  CredentialState state = CredentialState::kAbsent;
  Secret token;  // for kPresent
};

/// Reads `Authorization: Bearer T`, `X-Shared-Token: T` and Basic for the user `shared-token`.
/// Whether T is a valid token is not its business.
Credential extract_credential(const RequestHead& head);

}  // namespace weir::proxy
