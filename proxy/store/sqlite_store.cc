#include "store/sqlite_store.h"

#include <algorithm>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "store/migrations.h"
#include "store/sqlite.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kTokenColumns =
    "SELECT id, account, name, digest, secret, operator, expires_at, last_used, epoch FROM tokens ";
constexpr std::string_view kApiTokenColumns =
    "SELECT id, account, name, digest, permissions, created_at, expires_at FROM api_tokens ";
constexpr std::string_view kFilterColumns =
    "SELECT id, account, field, value, description, literal FROM filters ";

std::string_view operator_name(FiltersOperator value) {
  return value == FiltersOperator::kOr ? "OR" : "AND";
}

std::string_view view(const TokenDigest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

TokenDigest read_digest(const Statement& row, int column) {
  const std::string bytes = row.text(column);
  TokenDigest digest;
  if (bytes.size() != digest.bytes.size()) {
    throw StoreError(
        "the token store is corrupt; restore it from a backup (a digest has the wrong size)");
  }
  std::copy(bytes.begin(), bytes.end(), digest.bytes.begin());
  return digest;
}

FilterRow read_filter(const Statement& row) {
  return {.id = static_cast<std::int32_t>(row.integer(0)),
          .account = row.text(1),
          .field = row.text(2),
          .value = row.text(3),
          .description = row.text(4),
          .literal = row.integer(5) != 0};
}

/// Everything but the filters, which stand in a table of their own.
TokenRow read_token(const Statement& row) {
  TokenRow token;
  token.id = static_cast<std::int32_t>(row.integer(0));
  token.account = row.text(1);
  token.name = row.text(2);
  token.digest = read_digest(row, 3);
  token.sealed_secret = row.text(4);
  token.filters_operator = row.text(5) == "OR" ? FiltersOperator::kOr : FiltersOperator::kAnd;
  token.expires_at = row.optional_integer(6);
  token.last_used = row.optional_integer(7);
  token.epoch = static_cast<std::uint64_t>(row.integer(8));
  return token;
}

ApiTokenRow read_api_token(const Statement& row) {
  return {.id = static_cast<std::int32_t>(row.integer(0)),
          .account = row.text(1),
          .name = row.text(2),
          .digest = read_digest(row, 3),
          .permissions = static_cast<std::uint8_t>(row.integer(4)),
          .created_at = row.integer(5),
          .expires_at = row.optional_integer(6)};
}

/// One text for what an account opens, whatever the order in the configuration. Index names hold
/// neither a newline nor `#`.
std::string scope_text(const Account& account) {
  std::vector<std::string> indices = account.indices;
  std::sort(indices.begin(), indices.end());
  std::string text;
  for (const std::string& item : indices) {
    text += item;
    text += '\n';
  }
  text += account.profile == Profile::kRelevance ? "#relevance\n" : "";
  text += account.scripts == Scripts::kOff ? "#no scripts\n" : "";
  text += account.fields == Fields::kMapping ? "#all fields\n" : "";
  return text;
}

class SqliteTransaction final : public Transaction {
 public:
  SqliteTransaction(Connection& db, std::unique_lock<std::mutex> turn, const char* begin)
      : turn_(std::move(turn)), db_(db) {
    db_.execute(begin);
  }
  ~SqliteTransaction() override {
    // Some errors (a full disk) have rolled back already.
    if (db_.in_transaction()) {
      try {
        db_.execute("ROLLBACK");
      } catch (const StoreError&) {  // nothing was committed either way
      }
    }
  }
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;

  void commit() override {
    // After an error SQLite may have rolled back by itself; a COMMIT would then report the wrong
    // thing.
    if (!db_.in_transaction()) {
      throw StoreError("the token store undid the change");
    }
    db_.execute("COMMIT");
  }

  void put_account(const Account& account) override {
    const std::string scope = scope_text(account);
    std::optional<std::string> old;
    {
      Statement read = db_.prepare("SELECT scope FROM accounts WHERE name = ?");
      read.bind(account.name);
      if (read.step()) {
        old = read.text(0);
      }
    }
    if (old == scope) {
      return;
    }
    db_.prepare(
           "INSERT INTO accounts (name, scope) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET "
           "scope = excluded.scope")
        .bind(account.name)
        .bind(scope)
        .run();
    db_.prepare("UPDATE tokens SET epoch = epoch + 1 WHERE account = ?").bind(account.name).run();
  }

  bool has_account(const std::string& name) override {
    return count("SELECT count(*) FROM accounts WHERE name = ?", name) > 0;
  }

  std::vector<FilterRow> filters(const std::string& account) override {
    static const std::string sql = std::string(kFilterColumns) + "WHERE account = ? ORDER BY id";
    Statement read = db_.prepare(sql);
    read.bind(account);
    std::vector<FilterRow> rows;
    while (read.step()) {
      rows.push_back(read_filter(read));
    }
    return rows;
  }

  std::optional<FilterRow> find_filter(const std::string& account, std::int32_t id) override {
    static const std::string sql = std::string(kFilterColumns) + "WHERE account = ? AND id = ?";
    Statement read = db_.prepare(sql);
    read.bind(account).bind(id);
    return read.step() ? std::optional(read_filter(read)) : std::nullopt;
  }

  std::size_t count_filters(const std::string& account) override {
    return count("SELECT count(*) FROM filters WHERE account = ?", account);
  }

  std::int32_t insert_filter(const FilterRow& row) override {
    db_.prepare(
           "INSERT INTO filters (account, field, value, description, literal) VALUES (?, ?, ?, ?, "
           "?)")
        .bind(row.account)
        .bind(row.field)
        .bind(row.value)
        .bind(row.description)
        .bind(std::int64_t{row.literal})
        .run();
    return static_cast<std::int32_t>(db_.last_id());
  }

  std::vector<TokenRow> delete_filter(const std::string& account, std::int32_t id) override {
    if (!find_filter(account, id)) {
      return {};
    }
    static const std::string sql =
        std::string(kTokenColumns) +
        "WHERE id IN (SELECT token_id FROM token_filters WHERE filter_id = ?) ORDER BY id";
    std::vector<TokenRow> affected;
    {
      Statement read = db_.prepare(sql);
      read.bind(id);
      while (read.step()) {
        affected.push_back(read_token(read));
      }
    }
    for (TokenRow& token : affected) {
      token.filters = filters_of(token.id);
      db_.prepare("UPDATE tokens SET epoch = epoch + 1 WHERE id = ?").bind(token.id).run();
    }
    db_.prepare("DELETE FROM token_filters WHERE filter_id = ?").bind(id).run();
    db_.prepare("DELETE FROM filters WHERE id = ?").bind(id).run();
    return affected;
  }

  std::vector<TokenRow> tokens(const std::string& account) override {
    static const std::string sql = std::string(kTokenColumns) + "WHERE account = ? ORDER BY id";
    Statement read = db_.prepare(sql);
    read.bind(account);
    Statement links = db_.prepare(
        "SELECT token_id, filter_id FROM token_filters JOIN tokens ON tokens.id = token_id WHERE "
        "account = ? ORDER BY "
        "token_id, filter_id");
    links.bind(account);
    return with_filters(read, links);
  }

  std::vector<TokenRow> all_tokens() override {
    static const std::string sql = std::string(kTokenColumns) + "ORDER BY id";
    Statement read = db_.prepare(sql);
    Statement links =
        db_.prepare("SELECT token_id, filter_id FROM token_filters ORDER BY token_id, filter_id");
    return with_filters(read, links);
  }

  std::optional<TokenRow> find_token(const std::string& account, std::int32_t id) override {
    static const std::string sql = std::string(kTokenColumns) + "WHERE account = ? AND id = ?";
    std::optional<TokenRow> found;
    {
      Statement read = db_.prepare(sql);
      read.bind(account).bind(id);
      if (read.step()) {
        found = read_token(read);
      }
    }
    if (found) {
      found->filters = filters_of(id);
    }
    return found;
  }

  std::size_t count_tokens(const std::string& account) override {
    return count("SELECT count(*) FROM tokens WHERE account = ?", account);
  }

  std::int32_t insert_token(const TokenRow& row) override {
    db_.prepare(
           "INSERT INTO tokens (account, name, digest, secret, operator, expires_at, epoch) VALUES "
           "(?, ?, ?, ?, ?, ?, 1)")
        .bind(row.account)
        .bind(row.name)
        .bind_blob(view(row.digest))
        .bind_blob({})
        .bind(operator_name(row.filters_operator))
        .bind(row.expires_at)
        .run();
    const auto id = static_cast<std::int32_t>(db_.last_id());
    attach(id, row.filters);
    return id;
  }

  void set_sealed_secret(std::int32_t id, const std::string& sealed) override {
    db_.prepare("UPDATE tokens SET secret = ? WHERE id = ?").bind_blob(sealed).bind(id).run();
  }

  void update_token(const TokenRow& row) override {
    db_.prepare(
           "UPDATE tokens SET operator = ?, expires_at = ?, epoch = epoch + 1 WHERE account = ? "
           "AND id = ?")
        .bind(operator_name(row.filters_operator))
        .bind(row.expires_at)
        .bind(row.account)
        .bind(row.id)
        .run();
    if (db_.changed_rows() != 1) {
      throw StoreError("the token to change is gone");
    }
    db_.prepare("DELETE FROM token_filters WHERE token_id = ?").bind(row.id).run();
    attach(row.id, row.filters);
  }

  bool delete_token(const std::string& account, std::int32_t id) override {
    db_.prepare("DELETE FROM tokens WHERE account = ? AND id = ?").bind(account).bind(id).run();
    return db_.changed_rows() > 0;
  }

  void merge_last_used(const std::vector<std::pair<std::uint32_t, Seconds>>& used) override {
    for (const auto& [id, seconds] : used) {
      db_.prepare("UPDATE tokens SET last_used = max(coalesce(last_used, 0), ?) WHERE id = ?")
          .bind(seconds)
          .bind(std::int64_t{id})
          .run();
    }
  }

  std::vector<ApiTokenRow> api_tokens() override {
    static const std::string sql = std::string(kApiTokenColumns) + "ORDER BY id";
    Statement read = db_.prepare(sql);
    std::vector<ApiTokenRow> rows;
    while (read.step()) {
      rows.push_back(read_api_token(read));
    }
    return rows;
  }

  std::optional<ApiTokenRow> find_api_token(const TokenDigest& digest) override {
    static const std::string sql = std::string(kApiTokenColumns) + "WHERE digest = ?";
    Statement read = db_.prepare(sql);
    read.bind_blob(view(digest));
    return read.step() ? std::optional(read_api_token(read)) : std::nullopt;
  }

  std::int32_t insert_api_token(const ApiTokenRow& row) override {
    db_.prepare(
           "INSERT INTO api_tokens (account, name, digest, permissions, created_at, expires_at) "
           "VALUES (?, ?, ?, ?, ?, ?)")
        .bind(row.account)
        .bind(row.name)
        .bind_blob(view(row.digest))
        .bind(std::int64_t{row.permissions})
        .bind(row.created_at)
        .bind(row.expires_at)
        .run();
    return static_cast<std::int32_t>(db_.last_id());
  }

  bool delete_api_token(std::int32_t id) override {
    db_.prepare("DELETE FROM api_tokens WHERE id = ?").bind(id).run();
    return db_.changed_rows() > 0;
  }

  std::optional<std::string> find_meta(const std::string& key) override {
    Statement read = db_.prepare("SELECT value FROM meta WHERE key = ?");
    read.bind(key);
    return read.step() ? std::optional(read.text(0)) : std::nullopt;
  }

  void put_meta(const std::string& key, const std::string& value) override {
    db_.prepare(
           "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = "
           "excluded.value")
        .bind(key)
        .bind_blob(value)
        .run();
  }

 private:
  std::size_t count(std::string_view sql, const std::string& account) {
    Statement read = db_.prepare(sql);
    read.bind(account);
    return read.step() ? static_cast<std::size_t>(read.integer(0)) : 0;
  }

  std::vector<std::int32_t> filters_of(std::int32_t token_id) {
    Statement read =
        db_.prepare("SELECT filter_id FROM token_filters WHERE token_id = ? ORDER BY filter_id");
    read.bind(token_id);
    std::vector<std::int32_t> ids;
    while (read.step()) {
      ids.push_back(static_cast<std::int32_t>(read.integer(0)));
    }
    return ids;
  }

  void attach(std::int32_t token_id, const std::vector<std::int32_t>& filters) {
    for (const std::int32_t filter : filters) {
      db_.prepare("INSERT INTO token_filters (token_id, filter_id) VALUES (?, ?)")
          .bind(token_id)
          .bind(filter)
          .run();
    }
  }

  /// Both statements are ordered by token, so the two are zipped in one pass.
  static std::vector<TokenRow> with_filters(Statement& read, Statement& links) {
    std::vector<TokenRow> rows;
    while (read.step()) {
      rows.push_back(read_token(read));
    }
    std::size_t at = 0;
    while (links.step()) {
      const auto token_id = static_cast<std::int32_t>(links.integer(0));
      while (at < rows.size() && rows[at].id < token_id) {
        ++at;
      }
      if (at < rows.size() && rows[at].id == token_id) {
        rows[at].filters.push_back(static_cast<std::int32_t>(links.integer(1)));
      }
    }
    return rows;
  }

  std::unique_lock<std::mutex> turn_;
  Connection& db_;
};

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(const std::string& path) : db_(path) { migrate(db_); }

  std::unique_ptr<Transaction> begin_read() override {
    return std::make_unique<SqliteTransaction>(db_, std::unique_lock(mutex_), "BEGIN");
  }
  std::unique_ptr<Transaction> begin_write() override {
    return std::make_unique<SqliteTransaction>(db_, std::unique_lock(mutex_), "BEGIN IMMEDIATE");
  }

 private:
  std::mutex mutex_;
  Connection db_;
};

}  // namespace

std::unique_ptr<Store> open_sqlite_store(const std::string& path) {
  return std::make_unique<SqliteStore>(path);
}

std::unique_ptr<Store> open_store(const std::string& url) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (!url.starts_with(kSqlite) || url.size() == kSqlite.size()) {
    throw StoreError("the store `" + url + "` is not known; write `sqlite:PATH`");
  }
  return open_sqlite_store(url.substr(kSqlite.size()));
}

}  // namespace weir::proxy
