// What a compiled policy holds.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/index_list.h"
#include "policy/scope.h"
#include "policy/shared_table.h"
#include "weir/policy.h"

namespace weir {

struct CompiledAccount {
  std::string name;
  Scope scope;
  Profile profile = Profile::kSealed;
  Scripts scripts = Scripts::kOff;
  Fields fields = Fields::kVisible;
  SavedObjects saved_objects = SavedObjects::kLinks;
  bool keeps_catalog = false;
  bool awaits_catalog = false;
};

/// What stands beside the tokens.
struct PolicyFrame {
  std::vector<CompiledAccount> accounts;
  absl::flat_hash_map<std::string, std::uint32_t> account_of;  // by name
  Unfiltered unfiltered = Unfiltered::kDeny;
  std::string info_body;  // what `GET /` answers
};

/// Filters of which one is enough, and the indices they are exact in.
struct FilterGroup {
  std::string clause;
  std::string_view indices;
};

/// What filters let through, as clauses. One for all tokens of an account with the same filters, as
/// far as they were compiled together.
struct Visibility {
  /// The filters as one JSON query clause; empty if there are none, or groups.
  std::string clause;
  /// The indices that may be seen, as one JSON query clause that lives in the frame or in a list.
  std::string_view scope;
  /// With OR, if the filters are not exact in the same indices: a document is visible if it is in
  /// the indices of a group and its clause holds.
  std::vector<FilterGroup> groups;
};

/// A secret that has been replaced.
struct FormerSecret {
  TokenDigest digest;
  std::int64_t until = 0;  // when it ends to open the token
};

/// A link, and the documents of `.kibana` that it opens, in ascending order.
struct CompiledLink {
  std::uint32_t id = 0;
  TokenDigest digest;
  std::vector<std::string> saved_objects;
};

struct CompiledToken {
  std::uint32_t id = 0;
  std::uint32_t account = 0;  // index into PolicyFrame::accounts
  std::uint64_t epoch = 0;
  std::optional<std::int64_t> expires_at;
  TokenDigest digest;
  bool unfiltered = false;
  std::unique_ptr<const FormerSecret> former;
  std::vector<CompiledLink> links;
  std::shared_ptr<const Visibility> visibility;

  bool expired(std::int64_t now) const { return expires_at && *expires_at <= now; }
  /// The link whose secret this is, or null.
  const CompiledLink* link_of(const TokenDigest& secret) const {
    for (const CompiledLink& link : links) {
      if (link.digest == secret) return &link;
    }
    return nullptr;
  }
  bool opened_by(const TokenDigest& secret) const {
    return digest == secret || (former != nullptr && former->digest == secret) ||
           link_of(secret) != nullptr;
  }
};

/// What a credential opens.
struct Opening {
  const CompiledToken* token = nullptr;  // null: nothing
  bool former = false;                   // with a secret that has been replaced
  std::uint32_t link = 0;                // the id of the link whose secret it is; 0: the token's own
};

/// Policies that were made of each other share frames, lists and tokens.
struct PolicySnapshot::Data {
  std::shared_ptr<const PolicyFrame> frame;
  /// Beside the accounts; without entries where there is no catalog.
  std::vector<std::shared_ptr<const IndexLists>> lists;
  SharedTable<std::shared_ptr<const CompiledToken>> by_id;
  /// By each secret that opens it, links' too; by_id keeps them.
  SharedTable<const CompiledToken*> by_digest;

  /// What this credential opens now: unknown and expired look alike.
  Opening find(const TokenDigest& digest, std::int64_t now) const noexcept;
  /// The token of this id, live or not, or null.
  const CompiledToken* find(std::uint32_t id) const noexcept;
};

/// Where a token stands in the tables.
std::uint64_t hash_of(std::uint32_t id) noexcept;
std::uint64_t hash_of(const TokenDigest& digest) noexcept;

}  // namespace weir
