// The part of the store's transaction that the policy is made from: tokens as they are decided by,
// the version that moves with every change, and what each version has changed.
//
// A version that nothing is noted of is one that another program has made: then nobody can tell
// what has changed, and all is read anew.
#include <limits>
#include <utility>

#include "store/sql_rows.h"
#include "store/sql_transaction.h"

namespace weir::proxy {
namespace {

// What is too old is deleted every so many versions.
constexpr std::uint64_t kForgetEvery = 256;

}  // namespace

std::uint64_t SqlTransaction::stored_version() {
  const auto read = db_.prepare("SELECT version FROM change_version");
  if (!read->step()) {
    throw StoreError("the token store is corrupt; restore it from a backup (no version)");
  }
  return static_cast<std::uint64_t>(read->integer(0));
}

std::uint64_t SqlTransaction::change_version() { return changed_ ? next_ : stored_version(); }

void SqlTransaction::note_change(std::int32_t token, std::int32_t filter) {
  const bool first = !std::exchange(changed_, true);
  if (first) {
    // Nobody else commits during a write transaction.
    next_ = stored_version() + 1;
    if (next_ % kForgetEvery == 0 && next_ > kKeptVersions) {
      db_.prepare("DELETE FROM policy_changes WHERE version <= ?")
          ->bind(static_cast<std::int64_t>(next_ - kKeptVersions))
          .run();
    }
  }
  db_.prepare(
         "INSERT INTO policy_changes (version, token, filter) VALUES (?, ?, ?) ON CONFLICT DO "
         "NOTHING")
      ->bind(static_cast<std::int64_t>(next_))
      .bind(token)
      .bind(filter)
      .run();
}

std::optional<Changes> SqlTransaction::changes_since(std::uint64_t version) {
  const std::uint64_t now = change_version();
  const auto read = db_.prepare(
      "SELECT version, token, filter FROM policy_changes WHERE version > ? ORDER BY version");
  read->bind(static_cast<std::int64_t>(version));
  Changes changes;
  std::uint64_t last = version;
  while (read->step()) {
    const auto at = static_cast<std::uint64_t>(read->integer(0));
    const auto token = static_cast<std::int32_t>(read->integer(1));
    const auto filter = static_cast<std::int32_t>(read->integer(2));
    if (at > last + 1 || token == kAllTokens) {
      return std::nullopt;
    }
    last = at;
    if (token != kNoToken) {
      changes.tokens.insert(token);
    }
    if (filter != 0) {
      changes.filters.insert(filter);
    }
  }
  return last == now ? std::optional(std::move(changes)) : std::nullopt;
}

std::vector<GrantRow> SqlTransaction::grants(std::int64_t after, std::int64_t last,
                                             std::size_t limit) {
  std::vector<GrantRow> rows;
  {
    const auto read = db_.prepare(
        "SELECT id, account, digest, operator, expires_at, epoch, enabled, former_digest, "
        "former_until, limits FROM tokens WHERE id > ? AND id <= ? ORDER BY id LIMIT ?");
    read->bind(after).bind(last).bind(static_cast<std::int64_t>(limit));
    while (read->step()) {
      rows.push_back(read_grant(*read));
    }
  }
  if (!rows.empty()) {
    add_filters(rows);
    add_links(rows);
  }
  return rows;
}

void SqlTransaction::add_filters(std::vector<GrantRow>& rows) {
  const auto read = db_.prepare(
      "SELECT token_id, filter_id, account, field, value FROM token_filters JOIN filters ON "
      "filters.id = filter_id WHERE token_id >= ? AND token_id <= ? ORDER BY token_id, filter_id");
  read->bind(rows.front().id).bind(rows.back().id);
  std::size_t at = 0;
  while (read->step()) {
    const auto token = static_cast<std::int32_t>(read->integer(0));
    while (at < rows.size() && rows[at].id < token) {
      ++at;
    }
    // INVARIANT: a filter that is not what it was taken for must not make the token see more.
    if (at == rows.size() || rows[at].id != token || rows[at].account != read->text(2)) {
      throw StoreError("the token store is corrupt; restore it from a backup (filter " +
                       std::to_string(read->integer(1)) + " is not one of the account of token " +
                       std::to_string(token) + ")");
    }
    rows[at].filters.push_back({read->text(3), read->text(4)});
  }
}

void SqlTransaction::add_links(std::vector<GrantRow>& rows) {
  static const std::string sql =
      std::string(kLinkColumns) + "WHERE token_id >= ? AND token_id <= ? ORDER BY token_id, id";
  const auto read = db_.prepare(sql);
  read->bind(rows.front().id).bind(rows.back().id);
  std::size_t at = 0;
  while (read->step()) {
    LinkRow link = read_link(*read);
    while (at < rows.size() && rows[at].id < link.token) {
      ++at;
    }
    // INVARIANT: a link opens nothing but its own token.
    if (at < rows.size() && rows[at].id == link.token) {
      rows[at].links.push_back(std::move(link));
    }
  }
}

std::vector<GrantRow> SqlTransaction::grants_after(std::int32_t after, std::size_t limit) {
  return grants(after, std::numeric_limits<std::int32_t>::max(), limit);
}

std::optional<GrantRow> SqlTransaction::find_grant(std::int32_t id) {
  auto rows = grants(std::int64_t{id} - 1, id, 1);
  return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

std::set<std::string> SqlTransaction::filter_fields(const std::string& account) {
  const auto read = db_.prepare("SELECT DISTINCT field FROM filters WHERE account = ?");
  read->bind(account);
  std::set<std::string> fields;
  while (read->step()) {
    fields.insert(read->text(0));
  }
  return fields;
}

std::string SqlTransaction::field_of_filter(std::int32_t id) {
  const auto read = db_.prepare("SELECT field FROM filters WHERE id = ?");
  read->bind(id);
  return read->step() ? read->text(0) : "";
}

// Counted as they come and go: counting them all would make each change as slow as there are many.
void SqlTransaction::count_rows(std::string_view column, const std::string& account,
                                std::int64_t more) {
  const std::string name(column);
  const std::string sql = "UPDATE accounts SET " + name + " = " + name + " + ? WHERE name = ?";
  db_.prepare(sql)->bind(more).bind(account).run();
}

}  // namespace weir::proxy
