#include "store/sql_transaction.h"

#include <algorithm>
#include <utility>

#include "store/sql_rows.h"

namespace weir::proxy {
namespace {

/// Both statements are ordered by token, so the two are zipped in one pass.
std::vector<TokenRow> with_filters(Statement& read, Statement& links) {
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

// Uses are merged this many in one statement, because on a network each statement is a round trip.
constexpr std::size_t kUsesAtOnce = 64;

std::string merge_sql(std::size_t rows) {
  std::string sql = "WITH used (id, at, requests, denials) AS (VALUES (?, ?, ?, ?)";
  for (std::size_t row = 1; row < rows; ++row) {
    sql += ", (?, ?, ?, ?)";
  }
  return sql +
         ") UPDATE tokens SET last_used = CASE WHEN tokens.last_used >= used.at THEN "
         "tokens.last_used ELSE used.at END, requests = tokens.requests + used.requests, denials = "
         "tokens.denials + used.denials FROM used WHERE tokens.id = used.id";
}

}  // namespace

SqlTransaction::SqlTransaction(Connection& db, std::unique_lock<std::mutex> turn, Kind kind)
    : turn_(std::move(turn)), db_(db) {
  if (kind == Kind::kWrite) {
    db_.begin_write();
  } else {
    db_.begin_read();
  }
}

void SqlTransaction::commit() {
  if (std::exchange(changed_, false)) {
    db_.commit_new_version();
  } else {
    db_.commit();
  }
}

void SqlTransaction::put_account(const Account& account) {
  const std::string scope = scope_text(account);
  std::optional<std::string> old;
  {
    const auto read = db_.prepare("SELECT scope FROM accounts WHERE name = ?");
    read->bind(account.name);
    if (read->step()) {
      old = read->text(0);
    }
  }
  if (old == scope) {
    return;
  }
  db_.prepare(
         "INSERT INTO accounts (name, scope) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET "
         "scope = excluded.scope")
      ->bind(account.name)
      .bind(scope)
      .run();
  db_.prepare("UPDATE tokens SET epoch = epoch + 1 WHERE account = ?")->bind(account.name).run();
  note_change(kAllTokens);
}

bool SqlTransaction::has_account(const std::string& name) {
  return count("SELECT count(*) FROM accounts WHERE name = ?", name) > 0;
}

std::vector<FilterRow> SqlTransaction::filters(const std::string& account) {
  static const std::string sql = std::string(kFilterColumns) + "WHERE account = ? ORDER BY id";
  const auto read = db_.prepare(sql);
  read->bind(account);
  std::vector<FilterRow> rows;
  while (read->step()) {
    rows.push_back(read_filter(*read));
  }
  return rows;
}

std::optional<FilterRow> SqlTransaction::find_filter(const std::string& account, std::int32_t id) {
  static const std::string sql = std::string(kFilterColumns) + "WHERE account = ? AND id = ?";
  const auto read = db_.prepare(sql);
  read->bind(account).bind(id);
  return read->step() ? std::optional(read_filter(*read)) : std::nullopt;
}

std::optional<FilterRow> SqlTransaction::find_filter_by_client_key(const std::string& account,
                                                                   const std::string& key) {
  static const std::string sql =
      std::string(kFilterColumns) + "WHERE account = ? AND client_key = ?";
  const auto read = db_.prepare(sql);
  read->bind(account).bind(key);
  return read->step() ? std::optional(read_filter(*read)) : std::nullopt;
}

std::size_t SqlTransaction::count_filters(const std::string& account) {
  return count("SELECT filters FROM accounts WHERE name = ?", account);
}

std::int32_t SqlTransaction::insert_filter(const FilterRow& row) {
  const auto insert = db_.prepare(
      "INSERT INTO filters (account, field, value, description, literal, client_key) VALUES (?, "
      "?, ?, ?, ?, ?) RETURNING id");
  insert->bind(row.account)
      .bind(row.field)
      .bind(row.value)
      .bind(row.description)
      .bind(std::int64_t{row.literal})
      .bind(row.client_key);
  const auto id = static_cast<std::int32_t>(returned_id(*insert));
  count_rows("filters", row.account, 1);
  // No token has it yet, but replicas look at its field from now on.
  note_change(kNoToken, id);
  return id;
}

std::vector<TokenRow> SqlTransaction::update_filter(const FilterRow& row) {
  const std::int64_t touched =
      db_.prepare(
             "UPDATE filters SET field = ?, value = ?, description = ?, literal = ?, revision = "
             "revision + 1 WHERE account = ? AND id = ?")
          ->bind(row.field)
          .bind(row.value)
          .bind(row.description)
          .bind(std::int64_t{row.literal})
          .bind(row.account)
          .bind(row.id)
          .run();
  if (touched != 1) {
    throw StoreError("the filter to change is gone");
  }
  std::vector<TokenRow> affected = tokens_using_filter(row.account, row.id);
  move_epochs_of(affected, false);
  note_change(kNoToken, row.id);
  return affected;
}

std::vector<TokenRow> SqlTransaction::delete_filter(const std::string& account, std::int32_t id) {
  if (!find_filter(account, id)) {
    return {};
  }
  std::vector<TokenRow> affected = tokens_using_filter(account, id);
  move_epochs_of(affected, true);
  note_change(kNoToken, id);
  db_.prepare("DELETE FROM token_filters WHERE filter_id = ?")->bind(id).run();
  db_.prepare("DELETE FROM filters WHERE id = ?")->bind(id).run();
  count_rows("filters", account, -1);
  return affected;
}

std::vector<TokenRow> SqlTransaction::tokens_using_filter(const std::string& account,
                                                          std::int32_t id) {
  static const std::string sql =
      std::string(kTokenColumns) +
      "WHERE account = ? AND id IN (SELECT token_id FROM token_filters WHERE filter_id = ?) "
      "ORDER BY id";
  std::vector<TokenRow> rows;
  {
    const auto read = db_.prepare(sql);
    read->bind(account).bind(id);
    while (read->step()) {
      rows.push_back(read_token(*read));
    }
  }
  for (TokenRow& row : rows) {
    row.filters = filters_of(row.id);
  }
  return rows;
}

void SqlTransaction::move_epochs_of(const std::vector<TokenRow>& tokens, bool revisions_too) {
  for (const TokenRow& token : tokens) {
    note_change(token.id);
    db_.prepare("UPDATE tokens SET epoch = epoch + 1, revision = revision + ? WHERE id = ?")
        ->bind(std::int64_t{revisions_too})
        .bind(token.id)
        .run();
  }
}

std::vector<TokenRow> SqlTransaction::tokens(const std::string& account) {
  static const std::string sql = std::string(kTokenColumns) + "WHERE account = ? ORDER BY id";
  const auto read = db_.prepare(sql);
  read->bind(account);
  const auto links = db_.prepare(
      "SELECT token_id, filter_id FROM token_filters JOIN tokens ON tokens.id = token_id WHERE "
      "account = ? ORDER BY token_id, filter_id");
  links->bind(account);
  return with_filters(*read, *links);
}

std::vector<TokenRow> SqlTransaction::tokens_after(std::int32_t after, std::size_t limit) {
  static const std::string sql = std::string(kTokenColumns) + "WHERE id > ? ORDER BY id LIMIT ?";
  const auto read = db_.prepare(sql);
  read->bind(after).bind(static_cast<std::int64_t>(limit));
  const auto links = db_.prepare(
      "SELECT token_id, filter_id FROM token_filters WHERE token_id > ? AND token_id <= (SELECT "
      "max(id) FROM (SELECT id FROM tokens WHERE id > ? ORDER BY id LIMIT ?) AS page) ORDER BY "
      "token_id, filter_id");
  links->bind(after).bind(after).bind(static_cast<std::int64_t>(limit));
  return with_filters(*read, *links);
}

std::optional<TokenRow> SqlTransaction::find_token(const std::string& account, std::int32_t id) {
  static const std::string sql = std::string(kTokenColumns) + "WHERE account = ? AND id = ?";
  const auto read = db_.prepare(sql);
  read->bind(account).bind(id);
  return one_token(*read);
}

std::optional<TokenRow> SqlTransaction::find_token_by_client_key(const std::string& account,
                                                                 const std::string& key) {
  static const std::string sql =
      std::string(kTokenColumns) + "WHERE account = ? AND client_key = ?";
  const auto read = db_.prepare(sql);
  read->bind(account).bind(key);
  return one_token(*read);
}

std::optional<TokenRow> SqlTransaction::one_token(Statement& read) {
  if (!read.step()) {
    return std::nullopt;
  }
  TokenRow found = read_token(read);
  found.filters = filters_of(found.id);
  return found;
}

std::size_t SqlTransaction::count_tokens(const std::string& account) {
  return count("SELECT tokens FROM accounts WHERE name = ?", account);
}

std::int32_t SqlTransaction::insert_token(const TokenRow& row) {
  const auto insert = db_.prepare(
      "INSERT INTO tokens (account, name, digest, secret, operator, expires_at, epoch, enabled, "
      "client_key, created_at, updated_at, limits) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?) "
      "RETURNING id");
  insert->bind(row.account)
      .bind(row.name)
      .bind_blob(bytes_of(row.digest))
      .bind_blob({})
      .bind(operator_name(row.filters_operator))
      .bind(row.expires_at)
      .bind(std::int64_t{row.enabled})
      .bind(row.client_key)
      .bind(row.created_at)
      .bind(row.updated_at)
      .bind(row.limits);
  const auto id = static_cast<std::int32_t>(returned_id(*insert));
  attach(id, row.filters);
  count_rows("tokens", row.account, 1);
  note_change(id);
  return id;
}

void SqlTransaction::set_sealed_secret(std::int32_t id, const std::string& sealed) {
  db_.prepare("UPDATE tokens SET secret = ? WHERE id = ?")->bind_blob(sealed).bind(id).run();
}

void SqlTransaction::rekey_token(std::int32_t id, const TokenDigest& digest,
                                 const std::string& sealed) {
  db_.prepare("UPDATE tokens SET digest = ?, secret = ? WHERE id = ?")
      ->bind_blob(bytes_of(digest))
      .bind_blob(sealed)
      .bind(id)
      .run();
}

void SqlTransaction::update_token(const TokenRow& row, EpochMove epoch) {
  const auto update = db_.prepare(
      "UPDATE tokens SET name = ?, digest = ?, operator = ?, expires_at = ?, enabled = ?, "
      "former_digest = ?, former_until = ?, limits = ?, updated_at = ?, revision = revision + 1, "
      "epoch = epoch + ? WHERE account = ? AND id = ?");
  update->bind(row.name)
      .bind_blob(bytes_of(row.digest))
      .bind(operator_name(row.filters_operator))
      .bind(row.expires_at)
      .bind(std::int64_t{row.enabled});
  if (row.former_digest) {
    update->bind_blob(bytes_of(*row.former_digest));
  } else {
    update->bind_null();
  }
  update->bind(row.former_until)
      .bind(row.limits)
      .bind(row.updated_at)
      .bind(std::int64_t{epoch == EpochMove::kMove})
      .bind(row.account)
      .bind(row.id);
  if (update->run() != 1) {
    throw StoreError("the token to change is gone");
  }
  if (filters_of(row.id) != row.filters) {
    db_.prepare("DELETE FROM token_filters WHERE token_id = ?")->bind(row.id).run();
    attach(row.id, row.filters);
  }
  note_change(row.id);
}

bool SqlTransaction::delete_token(const std::string& account, std::int32_t id) {
  const std::int64_t touched =
      db_.prepare("DELETE FROM tokens WHERE account = ? AND id = ?")->bind(account).bind(id).run();
  if (touched > 0) {
    count_rows("tokens", account, -1);
    note_change(id);
  }
  return touched > 0;
}

void SqlTransaction::merge_use(const std::vector<TokenUse>& used) {
  static const std::string many = merge_sql(kUsesAtOnce);
  static const std::string one = merge_sql(1);
  for (std::size_t at = 0; at < used.size();) {
    const std::size_t rows = used.size() - at >= kUsesAtOnce ? kUsesAtOnce : 1;
    const auto merge = db_.prepare(rows == 1 ? one : many);
    for (const std::size_t end = at + rows; at < end; ++at) {
      merge->bind(std::int64_t{used[at].token_id})
          .bind(used[at].last_used)
          .bind(static_cast<std::int64_t>(used[at].requests))
          .bind(static_cast<std::int64_t>(used[at].denials));
    }
    merge->run();
  }
}

std::vector<ApiTokenRow> SqlTransaction::api_tokens() {
  static const std::string sql = std::string(kApiTokenColumns) + "ORDER BY id";
  const auto read = db_.prepare(sql);
  std::vector<ApiTokenRow> rows;
  while (read->step()) {
    rows.push_back(read_api_token(*read));
  }
  return rows;
}

std::optional<ApiTokenRow> SqlTransaction::find_api_token(const TokenDigest& digest) {
  static const std::string sql = std::string(kApiTokenColumns) + "WHERE digest = ?";
  const auto read = db_.prepare(sql);
  read->bind_blob(bytes_of(digest));
  return read->step() ? std::optional(read_api_token(*read)) : std::nullopt;
}

std::int32_t SqlTransaction::insert_api_token(const ApiTokenRow& row) {
  const auto insert = db_.prepare(
      "INSERT INTO api_tokens (account, name, digest, permissions, created_at, expires_at) VALUES "
      "(?, ?, ?, ?, ?, ?) RETURNING id");
  insert->bind(row.account)
      .bind(row.name)
      .bind_blob(bytes_of(row.digest))
      .bind(std::int64_t{row.permissions})
      .bind(row.created_at)
      .bind(row.expires_at);
  return static_cast<std::int32_t>(returned_id(*insert));
}

void SqlTransaction::rekey_api_token(std::int32_t id, const TokenDigest& digest) {
  db_.prepare("UPDATE api_tokens SET digest = ? WHERE id = ?")
      ->bind_blob(bytes_of(digest))
      .bind(id)
      .run();
}

bool SqlTransaction::delete_api_token(std::int32_t id) {
  return db_.prepare("DELETE FROM api_tokens WHERE id = ?")->bind(id).run() > 0;
}

std::int64_t SqlTransaction::append_audit(const AuditRow& row) {
  const auto insert = db_.prepare(
      "INSERT INTO audit (at_ms, account, kind, operation, api_token, token, filter, route, code, "
      "request_id, widens, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "RETURNING id");
  insert->bind(row.at_ms)
      .bind(row.account)
      .bind(row.kind)
      .bind(row.operation)
      .bind(row.api_token)
      .bind(row.token)
      .bind(row.filter)
      .bind(row.route)
      .bind(row.code)
      .bind(row.request_id)
      .bind(std::int64_t{row.widens})
      .bind(row.before)
      .bind(row.after);
  return returned_id(*insert);
}

std::vector<AuditRow> SqlTransaction::audit(const std::string& account, const AuditQuery& query) {
  // One text for every combination; a null takes no part.
  static const std::string sql =
      std::string(kAuditColumns) +
      "WHERE account = ? AND (? = 0 OR token = ?) AND (? = 0 OR kind = ?) AND (? = 0 OR id < ?) "
      "ORDER BY id DESC LIMIT ?";
  const auto read = db_.prepare(sql);
  read->bind(account)
      .bind(std::int64_t{query.token.has_value()})
      .bind(std::int64_t{query.token.value_or(0)})
      .bind(std::int64_t{query.kind.has_value()})
      .bind(query.kind.value_or(""))
      .bind(std::int64_t{query.before_id.has_value()})
      .bind(query.before_id.value_or(0))
      .bind(static_cast<std::int64_t>(query.limit));
  std::vector<AuditRow> rows;
  while (read->step()) {
    rows.push_back(read_audit(*read));
  }
  return rows;
}

std::size_t SqlTransaction::trim_audit(const std::string& account, const std::string& kind,
                                       std::size_t keep) {
  const auto trim = db_.prepare(
      "DELETE FROM audit WHERE account = ? AND kind = ? AND id <= (SELECT id FROM audit WHERE "
      "account = ? AND kind = ? ORDER BY id DESC LIMIT 1 OFFSET ?)");
  trim->bind(account).bind(kind).bind(account).bind(kind).bind(static_cast<std::int64_t>(keep));
  return static_cast<std::size_t>(trim->run());
}

std::optional<std::string> SqlTransaction::find_meta(const std::string& key) {
  const auto read = db_.prepare("SELECT value FROM meta WHERE key = ?");
  read->bind(key);
  return read->step() ? std::optional(read->text(0)) : std::nullopt;
}

void SqlTransaction::put_meta(const std::string& key, const std::string& value) {
  db_.prepare(
         "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = "
         "excluded.value")
      ->bind(key)
      .bind_blob(value)
      .run();
}

std::size_t SqlTransaction::count(std::string_view sql, const std::string& account) {
  const auto read = db_.prepare(sql);
  read->bind(account);
  return read->step() ? static_cast<std::size_t>(read->integer(0)) : 0;
}

std::vector<std::int32_t> SqlTransaction::filters_of(std::int32_t token_id) {
  const auto read =
      db_.prepare("SELECT filter_id FROM token_filters WHERE token_id = ? ORDER BY filter_id");
  read->bind(token_id);
  std::vector<std::int32_t> ids;
  while (read->step()) {
    ids.push_back(static_cast<std::int32_t>(read->integer(0)));
  }
  return ids;
}

void SqlTransaction::attach(std::int32_t token_id, const std::vector<std::int32_t>& filters) {
  for (const std::int32_t filter : filters) {
    db_.prepare("INSERT INTO token_filters (token_id, filter_id) VALUES (?, ?)")
        ->bind(token_id)
        .bind(filter)
        .run();
  }
}

}  // namespace weir::proxy
