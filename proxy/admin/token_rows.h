// Shared tokens between their rows and what operations do with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/call.h"
#include "admin/requests.h"
#include "admin/widening.h"

namespace weir::proxy {

/// The row with its latest use.
TokenRow with_latest_use(const ApiContext& context, TokenRow row);

/// With its secret, where it is stored and may be shown again; nothing if it cannot be read.
std::optional<ShownToken> show_token(const ApiContext& context, const Call& call, TokenRow row);

/// What the token sees: the row as it is given, its filters as they are stored.
Access access_of(const TokenRow& row, Transaction& work);

/// An answer if one of the filters is not the account's, or they are too many, or none where there
/// must be one.
Refusal check_filters(const Call& call, Transaction& work, const std::vector<std::int32_t>& ids);

/// An answer if a filter that is not in `before` cannot be exact; `warnings` on where it is not.
Refusal judge_new_filters(ApiContext& context, const Call& call, Transaction& work,
                          const std::vector<std::int32_t>& ids,
                          const std::vector<std::int32_t>& before,
                          std::vector<std::string>& warnings);

/// A new secret, whose digest is in the row from now on. Nothing if the cryptographic library
/// fails.
std::optional<Secret> make_secret(const ApiContext& context, TokenRow& row);
/// Seals it into the row and the store; where secrets are shown once, takes out the one before
/// instead. REQUIRES: the row is stored. False if the library fails.
bool keep_secret(const ApiContext& context, const Call& call, Transaction& work, TokenRow& row,
                 const Secret& secret);

}  // namespace weir::proxy
