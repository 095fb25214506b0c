// How a change comes into force: confirmed where the account asks for that, written into the audit,
// compiled, committed and published, in this order, before it is answered.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "admin/call.h"

namespace weir::proxy {

/// One line of the audit.
struct Change {
  std::int32_t token = 0;   // 0: none
  std::int32_t filter = 0;  // 0: none
  std::string before;       // JSON without secrets; empty: there was nothing
  std::string after;
  bool widens = false;    // the token's holder may see more, or for longer
  std::size_t links = 0;  // of the token
};

/// Whether the policy follows from the change at all.
enum class Reach : std::uint8_t { kPolicy, kStoreOnly };

/// An answer if it could not be, or must not be without a confirmation; then nothing has changed
/// once `work` is gone. REQUIRES: `changes` is not empty; the first is what was asked for.
Refusal bring_into_force(ApiContext& context, const Call& call, Transaction& work,
                         const std::vector<Change>& changes, Reach reach = Reach::kPolicy);

/// For the answer.
Widening widening_of(const std::vector<Change>& changes);
/// `x-weir-widened`: the ids of the tokens; nothing when there are none.
void add_widened_header(SmallResponse& response, const std::vector<Change>& changes);

/// The longest list of ids in a header.
inline constexpr std::size_t kMaxIdsInHeader = 100;

}  // namespace weir::proxy
