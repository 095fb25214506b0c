// The part of SqlTransaction that knows the links of shared tokens.
#include "store/sql_rows.h"
#include "store/sql_transaction.h"

namespace weir::proxy {
namespace {

std::vector<LinkRow> all_of(Statement& read) {
  std::vector<LinkRow> rows;
  while (read.step()) {
    rows.push_back(read_link(read));
  }
  return rows;
}

}  // namespace

std::vector<LinkRow> SqlTransaction::links(const std::string& account, std::int32_t token) {
  static const std::string sql =
      std::string(kLinkColumns) + "WHERE account = ? AND token_id = ? ORDER BY id";
  const auto read = db_.prepare(sql);
  read->bind(account).bind(token);
  return all_of(*read);
}

std::vector<LinkRow> SqlTransaction::all_links() {
  static const std::string sql = std::string(kLinkColumns) + "ORDER BY id";
  const auto read = db_.prepare(sql);
  return all_of(*read);
}

std::optional<LinkRow> SqlTransaction::find_link(const std::string& account, std::int32_t token,
                                                 std::int32_t id) {
  static const std::string sql =
      std::string(kLinkColumns) + "WHERE account = ? AND token_id = ? AND id = ?";
  const auto read = db_.prepare(sql);
  read->bind(account).bind(token).bind(id);
  return read->step() ? std::optional(read_link(*read)) : std::nullopt;
}

std::size_t SqlTransaction::count_links(std::int32_t token) {
  const auto read = db_.prepare("SELECT count(*) FROM links WHERE token_id = ?");
  read->bind(token);
  return read->step() ? static_cast<std::size_t>(read->integer(0)) : 0;
}

std::int32_t SqlTransaction::insert_link(const LinkRow& row) {
  const auto insert = db_.prepare(
      "INSERT INTO links (token_id, account, name, digest, secret, snapshot, path, objects, "
      "created_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1) RETURNING id");
  insert->bind(row.token)
      .bind(row.account)
      .bind(row.name)
      .bind_blob(bytes_of(row.digest))
      .bind_blob({})
      .bind(std::int64_t{row.snapshot})
      .bind(row.path)
      .bind(row.objects)
      .bind(row.created_at);
  const auto id = static_cast<std::int32_t>(returned_id(*insert));
  note_change(row.token);
  return id;
}

void SqlTransaction::set_sealed_link_secret(std::int32_t id, const std::string& sealed) {
  db_.prepare("UPDATE links SET secret = ? WHERE id = ?")->bind_blob(sealed).bind(id).run();
}

void SqlTransaction::rekey_link(std::int32_t id, const TokenDigest& digest,
                                const std::string& sealed) {
  db_.prepare("UPDATE links SET digest = ?, secret = ? WHERE id = ?")
      ->bind_blob(bytes_of(digest))
      .bind_blob(sealed)
      .bind(id)
      .run();
}

bool SqlTransaction::set_link_objects(std::int32_t id, const std::string& objects) {
  const auto update = db_.prepare(
      "UPDATE links SET objects = ?, revision = revision + 1 WHERE id = ? RETURNING token_id");
  update->bind(objects).bind(id);
  if (!update->step()) {
    return false;
  }
  const auto token = static_cast<std::int32_t>(update->integer(0));
  update->run();
  note_change(token);
  return true;
}

bool SqlTransaction::delete_link(const std::string& account, std::int32_t token, std::int32_t id) {
  const std::int64_t touched =
      db_.prepare("DELETE FROM links WHERE account = ? AND token_id = ? AND id = ?")
          ->bind(account)
          .bind(token)
          .bind(id)
          .run();
  if (touched > 0) {
    note_change(token);
  }
  return touched > 0;
}

void SqlTransaction::merge_link_use(const std::vector<LinkUse>& used) {
  for (const LinkUse& use : used) {
    db_.prepare(
           "UPDATE links SET last_used = ? WHERE id = ? AND (last_used IS NULL OR last_used < ?)")
        ->bind(use.last_used)
        .bind(std::int64_t{use.link_id})
        .bind(use.last_used)
        .run();
  }
}

}  // namespace weir::proxy
