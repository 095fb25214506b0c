// Who may see what: loaded or built by the embedder, compiled once, immutable from then on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/limits.h"
#include "weir/mapping.h"
#include "weir/request.h"
#include "weir/result.h"

namespace weir {

/// `field` = `value`, exact.
struct Filter {
  std::string field;
  std::string value;
};

enum class FiltersOperator : std::uint8_t { kAnd, kOr };

/// A secret of its own on a token, with the token's rights, and what it opens of OpenSearch Dashboards.
struct Link {
  std::uint32_t id = 0;                         // not 0
  TokenDigest digest;                           // of its secret
  std::vector<std::string> saved_objects = {};  // ids of documents in `.kibana`, for instance `dashboard:…`
};

struct Token {
  std::uint32_t id = 0;          // not 0
  TokenDigest digest;            // of its secret
  std::string account;           // name of an Account
  std::vector<Filter> filters;   // empty: everything in the account's scope, if the policy allows that
  FiltersOperator filters_operator = FiltersOperator::kAnd;
  std::optional<std::int64_t> expires_at;  // seconds since 1970; absent = never
  std::uint64_t epoch = 1;       // grows with every change of what the token may see
  /// Of the secret before it was changed, which opens the token too until `former_until` (seconds since 1970). Both or neither.
  std::optional<TokenDigest> former_digest = {};
  std::optional<std::int64_t> former_until = {};
  std::vector<Link> links = {};  // they open as long as the token does
};

/// What an answer may tell beside the documents. `kSealed`: nothing of hidden ones; relevance scores are level. `kRelevance`: scores
/// are OpenSearch's own, which follow the statistics of the whole index.
enum class Profile : std::uint8_t { kSealed, kRelevance };

/// `kDoc`: scripts that see nothing but the current document (script fields, values and filters of queries and aggregations, sorts).
/// `kOff`: none.
enum class Scripts : std::uint8_t { kOff, kDoc };

/// What `_field_caps` lists. `kVisible`: the fields that visible documents have. `kMapping`: those of the mappings, which hidden documents shape.
enum class Fields : std::uint8_t { kVisible, kMapping };

/// Which saved objects of OpenSearch Dashboards the tokens of an account open, beside the settings (`config`) that every page needs. `kLinks`:
/// those of the link whose secret is presented; the token's own secret those of all its links. `kAll`: all there are.
enum class SavedObjects : std::uint8_t { kLinks, kAll };

/// One index that exists, as its mapping was last seen.
struct CatalogIndex {
  std::string name;         // concrete: no alias, no data stream
  std::string data_stream;  // that it is a backing index of; empty: of none
  std::vector<FieldKind> kinds;  // beside Catalog::fields; what is missing counts as kNone
};

/// What is known of the indices behind an account. Indices outside its scope may be in it; they are passed over.
struct Catalog {
  std::vector<std::string> fields;
  std::vector<CatalogIndex> indices;
};

/// An index scope: names and patterns (`logs-*`) of concrete indices and data streams. `*` alone means every index
/// but hidden and system (dot) ones.
struct Account {
  std::string name;
  std::vector<std::string> indices;
  Profile profile = Profile::kSealed;
  Scripts scripts = Scripts::kOff;
  Fields fields = Fields::kVisible;
  SavedObjects saved_objects = SavedObjects::kLinks;
  /// Whether somebody learns which indices there are. Then a token sees the documents of those indices of the catalog in whose mapping each
  /// of its filters is exact, and as long as there is no catalog its searches are refused (`gate.mappings_unknown`). Otherwise a scope is as
  /// tight as the cluster's aliases, and filters are as exact as its mappings.
  bool keeps_catalog = false;
  std::shared_ptr<const Catalog> catalog = nullptr;
};

enum class Unfiltered : std::uint8_t { kAllow, kDeny };

struct PolicySource {
  std::vector<Account> accounts;
  std::vector<Token> tokens;
  Unfiltered unfiltered = Unfiltered::kAllow;
  /// What `GET /` says to clients that look at the version.
  std::string upstream_version = "3.4.0";
};

/// A compiled policy. Deeply immutable: share it between threads freely, swap the pointer to change the policy.
class PolicySnapshot {
 public:
  PolicySnapshot(const PolicySnapshot&) = delete;
  PolicySnapshot& operator=(const PolicySnapshot&) = delete;
  ~PolicySnapshot();

  /// The epoch of a token, 0 if there is no such token or it has expired. A request whose verdict carries another epoch
  /// must be decided again.
  std::uint64_t token_epoch(std::uint32_t token_id, std::int64_t now_seconds) const noexcept;
  /// The same for the token that this credential opens, so that a secret which has run out is noticed too.
  std::uint64_t credential_epoch(const TokenDigest& credential, std::int64_t now_seconds) const noexcept;
  /// What a credential opens, for whoever tells its holder about it. `account` lives as long as the snapshot.
  struct Opened {
    std::uint32_t token_id = 0;
    std::string_view account;
    std::optional<std::int64_t> expires_at;  // of the credential: a secret that was replaced may end before its token
  };
  /// Nothing exactly where credential_epoch() is 0.
  std::optional<Opened> credential_opens(const TokenDigest& credential, std::int64_t now_seconds) const noexcept;
  std::size_t token_count() const noexcept;

  /// The name of an account whose catalog is awaited; empty if there is none.
  std::string_view awaits_catalog() const noexcept;

  struct Data;
  const Data& data() const noexcept { return *data_; }  // for the engine

 private:
  friend class PolicyBuilder;
  explicit PolicySnapshot(std::unique_ptr<const Data> data);
  std::unique_ptr<const Data> data_;
};

/// Compiles a policy token by token: a new one, or one that is another only in a few tokens and shares the rest with it. Whoever may see
/// what does not depend on the way: it decides like a policy that was compiled whole. One thread.
class PolicyBuilder {
 public:
  /// Begins with the accounts and tokens of `source`.
  explicit PolicyBuilder(const PolicySource& source, const Limits& limits = {});
  /// Begins with a compiled policy, which stays as it is, and with the catalogs it was compiled over. Cost: a few kilobytes are copied.
  explicit PolicyBuilder(const PolicySnapshot& base, const Limits& limits = {});
  ~PolicyBuilder();
  PolicyBuilder(const PolicyBuilder&) = delete;
  PolicyBuilder& operator=(const PolicyBuilder&) = delete;

  /// Cost: of its filters, whatever the number of tokens; and of the indices of a catalog for a set of filter fields that is new.
  void add(const Token& token);
  /// Before an add() of the same id, or of another with its secret. False if there is none.
  bool remove(std::uint32_t token_id);

  /// The policy, or all problems of all steps. REQUIRES: called once, last.
  Result<std::shared_ptr<const PolicySnapshot>> build();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Checks and compiles. All problems are reported in one run. Cost: linear in tokens and filters, and in the indices of a catalog for every
/// set of filter fields in use.
Result<std::shared_ptr<const PolicySnapshot>> compile_policy(const PolicySource& source, const Limits& limits = {});

/// Reads the JSON form described in POLICY_FORMAT.md. Unknown keys are problems.
Result<PolicySource> load_policy(std::string_view json);

/// Why `filter` could never be exact whatever the mapping says (empty field, metadata field, wildcard without `literal`, too long);
/// empty when there is no such reason.
std::string check_filter(const Filter& filter, bool literal, const Limits& limits = {});

/// The positions in `catalog.indices` of those that are in the account's scope: by their own name, or as backing indices of a data stream
/// that is. None if the scope's patterns are not well-formed.
std::vector<std::size_t> indices_in_scope(const Account& account, const Catalog& catalog);

}  // namespace weir
