// What the control plane remembers, as rows: accounts, API tokens, filters and shared tokens. A
// store is reached through transactions only; everything a change does is in one of them, so a
// failure at any point leaves nothing half-done.
//
// The interface is what two databases can both offer (one file on one machine, a shared server for
// a fleet); meaning and checks stay above it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "weir/policy.h"

namespace weir::proxy {

/// The store could not do it: disk full, read-only, locked, corrupt, gone. What was begun has been
/// undone. The text is for people and holds no secrets.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Seconds since 1970.
using Seconds = std::int64_t;

struct FilterRow {
  std::int32_t id = 0;
  std::string account;
  std::string field;
  std::string value;
  std::string description;
  bool literal = false;  // `*` and `?` in the value are meant as characters
};

struct TokenRow {
  std::int32_t id = 0;
  std::string account;
  std::string name;
  TokenDigest digest;
  std::string sealed_secret;          // KeyRing::seal_secret
  std::vector<std::int32_t> filters;  // ascending, no duplicates
  FiltersOperator filters_operator = FiltersOperator::kAnd;
  std::optional<Seconds> expires_at;
  std::optional<Seconds> last_used;
  std::uint64_t epoch = 1;
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

/// One transaction. Changes count from commit() on; without it they are undone by the destructor.
/// Every function may throw StoreError; the transaction is then good for nothing but its
/// destructor. Used by one thread.
///
/// Every change of what a token may see or of how long moves its epoch.
class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual void commit() = 0;

  // --- accounts, by name
  /// Makes the account known; a changed index scope moves the epochs of all its tokens.
  virtual void put_account(const Account& account) = 0;
  virtual bool has_account(const std::string& name) = 0;

  // --- filters
  virtual std::vector<FilterRow> filters(const std::string& account) = 0;
  virtual std::optional<FilterRow> find_filter(const std::string& account, std::int32_t id) = 0;
  virtual std::size_t count_filters(const std::string& account) = 0;
  /// Returns the id given.
  virtual std::int32_t insert_filter(const FilterRow& row) = 0;
  /// Detaches it from every token and deletes it; returns those tokens as they were before, in the
  /// order of their ids.
  virtual std::vector<TokenRow> delete_filter(const std::string& account, std::int32_t id) = 0;

  // --- shared tokens
  virtual std::vector<TokenRow> tokens(const std::string& account) = 0;
  virtual std::vector<TokenRow> all_tokens() = 0;
  virtual std::optional<TokenRow> find_token(const std::string& account, std::int32_t id) = 0;
  virtual std::size_t count_tokens(const std::string& account) = 0;
  /// Returns the id given. The sealed secret follows with set_sealed_secret, because it is bound to
  /// the id.
  virtual std::int32_t insert_token(const TokenRow& row) = 0;
  virtual void set_sealed_secret(std::int32_t id, const std::string& sealed) = 0;
  /// Replaces filters, operator and expiry.
  virtual void update_token(const TokenRow& row) = 0;
  /// False if there is none.
  virtual bool delete_token(const std::string& account, std::int32_t id) = 0;
  /// Keeps the later of what is stored and what is given; unknown ids are passed over.
  virtual void merge_last_used(const std::vector<std::pair<std::uint32_t, Seconds>>& used) = 0;

  // --- API tokens
  virtual std::vector<ApiTokenRow> api_tokens() = 0;
  virtual std::optional<ApiTokenRow> find_api_token(const TokenDigest& digest) = 0;
  virtual std::int32_t insert_api_token(const ApiTokenRow& row) = 0;
  /// False if there is none.
  virtual bool delete_api_token(std::int32_t id) = 0;

  // --- small facts about the store itself
  virtual std::optional<std::string> find_meta(const std::string& key) = 0;
  virtual void put_meta(const std::string& key, const std::string& value) = 0;
};

/// Threads: begin_* may be called from any thread; transactions wait for each other.
class Store {
 public:
  virtual ~Store() = default;
  virtual std::unique_ptr<Transaction> begin_read() = 0;
  virtual std::unique_ptr<Transaction> begin_write() = 0;
};

/// Opens what `url` names (`sqlite:PATH`), creating and migrating it as needed. Throws StoreError.
std::unique_ptr<Store> open_store(const std::string& url);

}  // namespace weir::proxy
