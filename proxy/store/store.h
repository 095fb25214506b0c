// What the control plane remembers, as rows: accounts, API tokens, filters, shared tokens and the
// audit. A store is reached through transactions only; everything a change does is in one of them,
// so a failure at any point leaves nothing half-done.
//
// The interface is what two databases can both offer (one file on one machine, a shared server for
// a fleet); meaning and checks stay above it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "weir/policy.h"

namespace weir::proxy {

/// The store could not do it: disk full, read-only, locked, corrupt, gone. What was begun has been
/// undone. The text is for people and holds no secrets.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The connection was lost while a commit was under way: it may have been carried out or not. Never
/// to be told as done, nor as undone; reading again tells.
class StoreOutcomeUnknown : public StoreError {
 public:
  using StoreError::StoreError;
};

/// Seconds since 1970.
using Seconds = std::int64_t;

struct FilterRow {
  std::int32_t id = 0;
  std::string account;
  std::string field;
  std::string value;
  std::string description;
  bool literal = false;                   // `*` and `?` in the value are meant as characters
  std::uint64_t revision = 1;             // moves with every change of the row
  std::optional<std::string> client_key;  // chosen by the client; one row of an account each
};

struct TokenRow {
  std::int32_t id = 0;
  std::string account;
  std::string name;
  TokenDigest digest;
  std::string sealed_secret;          // KeyRing::seal_secret; empty if it is shown only once
  std::vector<std::int32_t> filters;  // ascending, no duplicates
  FiltersOperator filters_operator = FiltersOperator::kAnd;
  std::optional<Seconds> expires_at;
  std::optional<Seconds> last_used;
  std::uint64_t epoch = 1;
  bool enabled = true;
  std::uint64_t revision = 1;             // moves with every change of the row but its use
  std::optional<std::string> client_key;  // chosen by the client; one row of an account each
  Seconds created_at = 0;                 // 0: before this was kept
  Seconds updated_at = 0;
  // The secret before a rotation, good until then.
  std::optional<TokenDigest> former_digest;
  std::optional<Seconds> former_until;
  std::string limits;  // JSON text; empty: none
  std::uint64_t requests = 0;
  std::uint64_t denials = 0;
  std::uint64_t links = 0;  // how many there are; read only
};

/// A secret of its own on a shared token, and what of Dashboards it opens. It lives at most as long
/// as its token.
struct LinkRow {
  std::int32_t id = 0;
  std::int32_t token = 0;
  std::string account;
  std::string name;
  TokenDigest digest;
  std::string sealed_secret;  // as TokenRow::sealed_secret
  bool snapshot = false;      // its time range stands still
  std::string path;           // at Dashboards: path, query and fragment, without a secret
  std::string objects;        // JSON text: the saved objects it opens
  Seconds created_at = 0;
  std::optional<Seconds> last_used;
  std::uint64_t revision = 1;  // moves with every change of the row but its use
};

/// What the policy is made of: a token with the filters and the links themselves, and else nothing
/// that it is not decided by.
struct GrantRow {
  std::int32_t id = 0;
  std::string account;
  TokenDigest digest;
  FiltersOperator filters_operator = FiltersOperator::kAnd;
  std::optional<Seconds> expires_at;
  std::uint64_t epoch = 1;
  bool enabled = true;
  std::optional<TokenDigest> former_digest;
  std::optional<Seconds> former_until;
  std::string limits;           // JSON text; empty: none
  std::vector<Filter> filters;  // in the order of their ids
  std::vector<LinkRow> links;   // in the order of their ids
};

/// Ids, ascending. A link that comes, changes or goes is a change of its token.
struct Changes {
  std::set<std::int32_t> tokens;
  std::set<std::int32_t> filters;
};

/// Use of one token that has not been stored yet.
struct TokenUse {
  std::uint32_t token_id = 0;
  Seconds last_used = 0;
  std::uint64_t requests = 0;
  std::uint64_t denials = 0;
};

/// The same of a link.
struct LinkUse {
  std::uint32_t link_id = 0;
  Seconds last_used = 0;
};

enum Permission : std::uint8_t { kSharedTokensRead = 1, kSharedTokensWrite = 2 };

struct ApiTokenRow {
  std::int32_t id = 0;
  std::string account;
  std::string name;
  TokenDigest digest;
  std::uint8_t permissions = 0;  // bits of Permission
  Seconds created_at = 0;
  std::optional<Seconds> expires_at;
};

/// One line of the audit. Holds no secret and nothing of a query. 0 and empty: does not apply.
struct AuditRow {
  std::int64_t id = 0;
  std::int64_t at_ms = 0;  // milliseconds since 1970
  std::string account;
  std::string kind;       // `change` or `denial`
  std::string operation;  // the API's operationId
  std::int32_t api_token = 0;
  std::int32_t token = 0;
  std::int32_t filter = 0;
  std::string route;
  std::string code;
  std::string request_id;
  bool widens = false;
  std::string before;  // JSON texts
  std::string after;
};

/// What of the audit to show, newest first.
struct AuditQuery {
  std::optional<std::int32_t> token = {};
  std::optional<std::string> kind = {};
  std::optional<std::int64_t> before_id = {};
  std::size_t limit = 100;
};

/// Whether a change moves a token's epoch: it must, if the change touches what the token may see or
/// for how long. Open cursors end with the epoch, so a new name must not.
enum class EpochMove : std::uint8_t { kKeep, kMove };

/// One transaction. Changes count from commit() on; without it they are undone by the destructor.
/// Every function may throw StoreError; the transaction is then good for nothing but its
/// destructor. Used by one thread.
///
/// Every change of what a token may see or of how long moves its epoch.
class Transaction {
 public:
  virtual ~Transaction() = default;
  /// Throws StoreOutcomeUnknown if nobody can tell whether it was carried out.
  virtual void commit() = 0;

  /// Moves with every commit that matters to the policy. In a transaction that has made such a
  /// change: what its commit will make it.
  virtual std::uint64_t change_version() = 0;

  // --- what the policy is made of
  /// The first `limit` of the tokens whose ids are greater than `after`, in the order of their ids.
  /// Cost: of those alone.
  virtual std::vector<GrantRow> grants_after(std::int32_t after, std::size_t limit) = 0;
  virtual std::optional<GrantRow> find_grant(std::int32_t id) = 0;
  /// What may be another than in this version; some of it may be gone. Nothing if that is not known
  /// (any more): then all may be. Cost: of the changes since.
  virtual std::optional<Changes> changes_since(std::uint64_t version) = 0;
  /// The fields of all filters of the account. Cost: linear in its filters.
  virtual std::set<std::string> filter_fields(const std::string& account) = 0;
  /// The field of one; empty if it is gone.
  virtual std::string field_of_filter(std::int32_t id) = 0;

  // --- accounts, by name
  /// Makes the account known; a changed index scope moves the epochs of all its tokens.
  virtual void put_account(const Account& account) = 0;
  virtual bool has_account(const std::string& name) = 0;

  // --- filters
  virtual std::vector<FilterRow> filters(const std::string& account) = 0;
  virtual std::optional<FilterRow> find_filter(const std::string& account, std::int32_t id) = 0;
  virtual std::size_t count_filters(const std::string& account) = 0;
  virtual std::optional<FilterRow> find_filter_by_client_key(const std::string& account,
                                                             const std::string& key) = 0;
  /// Returns the id given.
  virtual std::int32_t insert_filter(const FilterRow& row) = 0;
  /// Replaces field, value, description and literal, and moves the epochs of the tokens that use
  /// it, which are returned as they were before.
  virtual std::vector<TokenRow> update_filter(const FilterRow& row) = 0;
  /// In the order of their ids.
  virtual std::vector<TokenRow> tokens_using_filter(const std::string& account,
                                                    std::int32_t id) = 0;
  /// Detaches it from every token and deletes it; returns those tokens as they were before, in the
  /// order of their ids.
  virtual std::vector<TokenRow> delete_filter(const std::string& account, std::int32_t id) = 0;

  // --- shared tokens
  virtual std::vector<TokenRow> tokens(const std::string& account) = 0;
  /// The first `limit` of all tokens whose ids are greater than `after`, in the order of their ids.
  virtual std::vector<TokenRow> tokens_after(std::int32_t after, std::size_t limit) = 0;
  virtual std::optional<TokenRow> find_token(const std::string& account, std::int32_t id) = 0;
  virtual std::optional<TokenRow> find_token_by_client_key(const std::string& account,
                                                           const std::string& key) = 0;
  virtual std::size_t count_tokens(const std::string& account) = 0;
  /// Returns the id given. Epoch and revision begin at 1, unused. The sealed secret follows with
  /// set_sealed_secret, because it is bound to the id.
  virtual std::int32_t insert_token(const TokenRow& row) = 0;
  virtual void set_sealed_secret(std::int32_t id, const std::string& sealed) = 0;
  /// Puts the same secret under another key. Moves neither epoch, revision nor change_version():
  /// what is in force goes on with the digest it knows, as long as the old key is there.
  virtual void rekey_token(std::int32_t id, const TokenDigest& digest,
                           const std::string& sealed) = 0;
  /// Replaces name, digests, filters, operator, expiry, enabled, limits and updated_at.
  virtual void update_token(const TokenRow& row, EpochMove epoch) = 0;
  /// False if there is none.
  virtual bool delete_token(const std::string& account, std::int32_t id) = 0;
  /// Keeps the later of the last uses and adds the counts; unknown ids are passed over. REQUIRES:
  /// no id twice.
  virtual void merge_use(const std::vector<TokenUse>& used) = 0;

  // --- links of shared tokens; they go with their token
  /// In the order of their ids.
  virtual std::vector<LinkRow> links(const std::string& account, std::int32_t token) = 0;
  virtual std::vector<LinkRow> all_links() = 0;
  virtual std::optional<LinkRow> find_link(const std::string& account, std::int32_t token,
                                           std::int32_t id) = 0;
  virtual std::size_t count_links(std::int32_t token) = 0;
  /// Returns the id given. As with tokens, the sealed secret follows.
  virtual std::int32_t insert_link(const LinkRow& row) = 0;
  virtual void set_sealed_link_secret(std::int32_t id, const std::string& sealed) = 0;
  /// As rekey_token().
  virtual void rekey_link(std::int32_t id, const TokenDigest& digest,
                          const std::string& sealed) = 0;
  /// False if there is no such link.
  virtual bool set_link_objects(std::int32_t id, const std::string& objects) = 0;
  /// False if there is none.
  virtual bool delete_link(const std::string& account, std::int32_t token, std::int32_t id) = 0;
  /// As merge_use().
  virtual void merge_link_use(const std::vector<LinkUse>& used) = 0;

  // --- API tokens
  virtual std::vector<ApiTokenRow> api_tokens() = 0;
  virtual std::optional<ApiTokenRow> find_api_token(const TokenDigest& digest) = 0;
  virtual std::int32_t insert_api_token(const ApiTokenRow& row) = 0;
  /// Puts the same secret under another key.
  virtual void rekey_api_token(std::int32_t id, const TokenDigest& digest) = 0;
  /// False if there is none.
  virtual bool delete_api_token(std::int32_t id) = 0;

  // --- the audit
  /// Returns the id given; ids grow with time.
  virtual std::int64_t append_audit(const AuditRow& row) = 0;
  virtual std::vector<AuditRow> audit(const std::string& account, const AuditQuery& query) = 0;
  /// Deletes all but the newest `keep` lines of this account and kind. Returns how many. Cost:
  /// reads `keep` entries of an index, not the lines themselves.
  virtual std::size_t trim_audit(const std::string& account, const std::string& kind,
                                 std::size_t keep) = 0;

  // --- small facts about the store itself
  virtual std::optional<std::string> find_meta(const std::string& key) = 0;
  virtual void put_meta(const std::string& key, const std::string& value) = 0;
};

/// Calls `what` with every token, in the order of their ids; a few of them are in memory at a time.
template <typename What>
void for_each_token(Transaction& work, What what) {
  constexpr std::size_t kAtOnce = 1024;
  std::int32_t after = 0;
  for (auto rows = work.tokens_after(after, kAtOnce); !rows.empty();
       rows = work.tokens_after(after, kAtOnce)) {
    after = rows.back().id;
    for (TokenRow& row : rows) what(row);
  }
}

/// Threads: begin_* may be called from any thread; transactions wait for each other.
class Store {
 public:
  virtual ~Store() = default;
  virtual std::unique_ptr<Transaction> begin_read() = 0;
  virtual std::unique_ptr<Transaction> begin_write() = 0;
};

/// Opens what `url` names (`sqlite:PATH`, `postgresql://…`), creating and migrating it as needed.
/// `timeout` bounds each statement and each connecting where the store is on a network. Throws
/// StoreError.
std::unique_ptr<Store> open_store(const std::string& url,
                                  std::chrono::milliseconds timeout = std::chrono::seconds(5));

/// What is wrong with such an URL; empty if nothing is. Never repeats any of it: it may hold a
/// password.
std::string check_store_url(const std::string& url);

/// One text for what an account opens, whatever the order in the configuration.
std::string scope_text(const Account& account);

/// Whether several processes may serve from it at the same time.
bool is_shared_store(const std::string& url);

/// The URL without user, password and parameters, for people.
std::string store_name(const std::string& url);

}  // namespace weir::proxy
