// The store's transaction in SQL, the same for both databases.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/sql.h"
#include "store/store.h"

namespace weir::proxy {

// Stand for tokens where changes are noted; ids begin at 1.
inline constexpr std::int32_t kNoToken = 0;
inline constexpr std::int32_t kAllTokens = -1;

/// So many versions back it is known what has changed.
inline constexpr std::uint64_t kKeptVersions = 10000;

/// `turn` is held as long as it lives: the connection carries one at a time.
class SqlTransaction final : public Transaction {
 public:
  enum class Kind : std::uint8_t { kRead, kWrite };
  SqlTransaction(Connection& db, std::unique_lock<std::mutex> turn, Kind kind);
  ~SqlTransaction() override { db_.roll_back(); }
  SqlTransaction(const SqlTransaction&) = delete;
  SqlTransaction& operator=(const SqlTransaction&) = delete;

  void commit() override;
  std::uint64_t change_version() override;

  std::vector<GrantRow> grants_after(std::int32_t after, std::size_t limit) override;
  std::optional<GrantRow> find_grant(std::int32_t id) override;
  std::optional<Changes> changes_since(std::uint64_t version) override;
  std::set<std::string> filter_fields(const std::string& account) override;
  std::string field_of_filter(std::int32_t id) override;

  void put_account(const Account& account) override;
  bool has_account(const std::string& name) override;

  std::vector<FilterRow> filters(const std::string& account) override;
  std::optional<FilterRow> find_filter(const std::string& account, std::int32_t id) override;
  std::optional<FilterRow> find_filter_by_client_key(const std::string& account,
                                                     const std::string& key) override;
  std::size_t count_filters(const std::string& account) override;
  std::int32_t insert_filter(const FilterRow& row) override;
  std::vector<TokenRow> update_filter(const FilterRow& row) override;
  std::vector<TokenRow> delete_filter(const std::string& account, std::int32_t id) override;
  std::vector<TokenRow> tokens_using_filter(const std::string& account, std::int32_t id) override;

  std::vector<TokenRow> tokens(const std::string& account) override;
  std::vector<TokenRow> tokens_after(std::int32_t after, std::size_t limit) override;
  std::optional<TokenRow> find_token(const std::string& account, std::int32_t id) override;
  std::optional<TokenRow> find_token_by_client_key(const std::string& account,
                                                   const std::string& key) override;
  std::size_t count_tokens(const std::string& account) override;
  std::int32_t insert_token(const TokenRow& row) override;
  void set_sealed_secret(std::int32_t id, const std::string& sealed) override;
  void rekey_token(std::int32_t id, const TokenDigest& digest, const std::string& sealed) override;
  void update_token(const TokenRow& row, EpochMove epoch) override;
  bool delete_token(const std::string& account, std::int32_t id) override;
  void merge_use(const std::vector<TokenUse>& used) override;

  // sql_links.cc
  std::vector<LinkRow> links(const std::string& account, std::int32_t token) override;
  std::vector<LinkRow> all_links() override;
  std::optional<LinkRow> find_link(const std::string& account, std::int32_t token,
                                   std::int32_t id) override;
  std::size_t count_links(std::int32_t token) override;
  std::int32_t insert_link(const LinkRow& row) override;
  void set_sealed_link_secret(std::int32_t id, const std::string& sealed) override;
  void rekey_link(std::int32_t id, const TokenDigest& digest, const std::string& sealed) override;
  bool set_link_objects(std::int32_t id, const std::string& objects) override;
  bool delete_link(const std::string& account, std::int32_t token, std::int32_t id) override;
  void merge_link_use(const std::vector<LinkUse>& used) override;

  std::vector<ApiTokenRow> api_tokens() override;
  std::optional<ApiTokenRow> find_api_token(const TokenDigest& digest) override;
  std::int32_t insert_api_token(const ApiTokenRow& row) override;
  void rekey_api_token(std::int32_t id, const TokenDigest& digest) override;
  bool delete_api_token(std::int32_t id) override;

  std::int64_t append_audit(const AuditRow& row) override;
  std::vector<AuditRow> audit(const std::string& account, const AuditQuery& query) override;
  std::size_t trim_audit(const std::string& account, const std::string& kind,
                         std::size_t keep) override;

  std::optional<std::string> find_meta(const std::string& key) override;
  void put_meta(const std::string& key, const std::string& value) override;

 private:
  std::size_t count(std::string_view sql, const std::string& account);
  std::vector<std::int32_t> filters_of(std::int32_t token_id);
  void attach(std::int32_t token_id, const std::vector<std::int32_t>& filters);
  std::optional<TokenRow> one_token(Statement& read);
  void move_epochs_of(const std::vector<TokenRow>& tokens, bool revisions_too);
  std::uint64_t stored_version();
  std::vector<GrantRow> grants(std::int64_t after, std::int64_t last, std::size_t limit);
  // To `rows`, ascending by id and not empty.
  void add_filters(std::vector<GrantRow>& rows);
  void add_links(std::vector<GrantRow>& rows);
  /// Something that matters to the policy.
  void note_change(std::int32_t token, std::int32_t filter = 0);
  void count_rows(std::string_view column, const std::string& account, std::int64_t more);

  std::unique_lock<std::mutex> turn_;
  Connection& db_;
  bool changed_ = false;    // something that matters to the policy
  std::uint64_t next_ = 0;  // then: the version that the commit makes
};

}  // namespace weir::proxy
