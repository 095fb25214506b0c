// Who may see what: loaded or built by the embedder, compiled once, immutable from then on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/limits.h"
#include "weir/request.h"
#include "weir/result.h"

namespace weir {

/// `field` = `value`, exact.
struct Filter {
  std::string field;
  std::string value;
};

enum class FiltersOperator : std::uint8_t { kAnd, kOr };

struct Token {
  std::uint32_t id = 0;          // not 0
  TokenDigest digest;            // of its secret
  std::string account;           // name of an Account
  std::vector<Filter> filters;   // empty: everything in the account's scope, if the policy allows that
  FiltersOperator filters_operator = FiltersOperator::kAnd;
  std::optional<std::int64_t> expires_at;  // seconds since 1970; absent = never
  std::uint64_t epoch = 1;       // grows with every change of what the token may see
};

/// What an answer may tell beside the documents. `kSealed`: nothing of hidden ones; relevance scores are level. `kRelevance`: scores
/// are OpenSearch's own, which follow the statistics of the whole index.
enum class Profile : std::uint8_t { kSealed, kRelevance };

/// `kDoc`: scripts that see nothing but the current document (script fields, values and filters of queries and aggregations, sorts).
/// `kOff`: none.
enum class Scripts : std::uint8_t { kOff, kDoc };

/// An index scope: names and patterns (`logs-*`) of concrete indices and data streams. `*` alone means every index
/// but hidden and system (dot) ones.
struct Account {
  std::string name;
  std::vector<std::string> indices;
  Profile profile = Profile::kSealed;
  Scripts scripts = Scripts::kOff;
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
  std::size_t token_count() const noexcept;

  struct Data;
  const Data& data() const noexcept { return *data_; }  // for the engine

 private:
  friend struct PolicyCompiler;
  explicit PolicySnapshot(std::unique_ptr<const Data> data);
  std::unique_ptr<const Data> data_;
};

/// Checks and compiles. All problems are reported in one run. Cost: linear in tokens and filters.
Result<std::shared_ptr<const PolicySnapshot>> compile_policy(const PolicySource& source, const Limits& limits = {});

/// Reads the JSON form described in POLICY_FORMAT.md. Unknown keys are problems.
Result<PolicySource> load_policy(std::string_view json);

/// Why `filter` could never be exact whatever the mapping says (empty field, metadata field, wildcard without `literal`, too long);
/// empty when there is no such reason.
std::string check_filter(const Filter& filter, bool literal, const Limits& limits = {});

}  // namespace weir
