// The store's transaction in SQL, the same for both databases.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "store/sql.h"
#include "store/store.h"

namespace weir::proxy {

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
  std::vector<TokenRow> all_tokens() override;
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

  std::unique_lock<std::mutex> turn_;
  Connection& db_;
  bool changed_ = false;  // something that matters to the policy
};

}  // namespace weir::proxy
