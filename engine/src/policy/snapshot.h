// What a compiled policy holds.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/index_list.h"
#include "policy/scope.h"
#include "weir/policy.h"

namespace weir {

struct CompiledAccount {
  std::string name;
  Scope scope;
  Profile profile = Profile::kSealed;
  Scripts scripts = Scripts::kOff;
  Fields fields = Fields::kVisible;
  SavedObjects saved_objects = SavedObjects::kLinks;
  bool awaits_catalog = false;
  IndexLists lists;
};

/// Filters of which one is enough, and the indices they are exact in.
struct FilterGroup {
  std::string clause;
  std::string_view indices;
};

struct CompiledToken {
  std::uint32_t id = 0;
  std::uint32_t account = 0;  // index into Data::accounts
  std::optional<std::int64_t> expires_at;
  std::uint64_t epoch = 0;
  bool unfiltered = false;
  std::int64_t former_until = 0;  // when its former secret ends to open it
  /// The token's filters as one JSON query clause; empty if it has none, or groups.
  std::string clause;
  /// The indices it may see, as one JSON query clause that lives in the account.
  std::string_view scope;
  /// Of a token with OR whose filters are not exact in the same indices: a document is visible if
  /// it is in the indices of a group and its clause holds.
  std::vector<FilterGroup> groups;

  bool expired(std::int64_t now) const { return expires_at && *expires_at <= now; }
};

/// What a credential opens.
struct DigestEntry {
  std::uint32_t token = 0;  // index into Data::tokens
  bool former = false;      // a secret that has been replaced
  std::uint32_t link = 0;   // the id of the link whose secret it is; 0: the token's own
};

/// A link, and the documents of `.kibana` that it opens, in ascending order.
struct CompiledLink {
  std::uint32_t id = 0;
  std::vector<std::string> saved_objects;
};

struct DigestHash {
  std::size_t operator()(const TokenDigest& digest) const noexcept;
};

struct PolicySnapshot::Data {
  std::vector<CompiledAccount> accounts;
  std::vector<CompiledToken> tokens;
  absl::flat_hash_map<TokenDigest, DigestEntry, DigestHash> by_digest;
  absl::flat_hash_map<std::uint32_t, std::uint32_t> by_id;
  absl::flat_hash_map<std::uint32_t, std::vector<CompiledLink>> links;  // by token id
  Unfiltered unfiltered = Unfiltered::kDeny;
  std::string info_body;  // what `GET /` answers

  /// What this credential opens now, or null: unknown and expired look alike.
  const DigestEntry* find(const TokenDigest& digest, std::int64_t now) const noexcept;
};

}  // namespace weir
