#include "store/sql_rows.h"

#include <algorithm>

namespace weir::proxy {
namespace {

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

std::int32_t id_at(const Statement& row, int column) {
  return static_cast<std::int32_t>(row.integer(column));
}

FiltersOperator read_operator(const Statement& row, int column) {
  return row.text(column) == "OR" ? FiltersOperator::kOr : FiltersOperator::kAnd;
}

std::uint64_t count_at(const Statement& row, int column) {
  return static_cast<std::uint64_t>(row.integer(column));
}

}  // namespace

FilterRow read_filter(const Statement& row) {
  return {.id = id_at(row, 0),
          .account = row.text(1),
          .field = row.text(2),
          .value = row.text(3),
          .description = row.text(4),
          .literal = row.integer(5) != 0,
          .revision = count_at(row, 6),
          .client_key = row.optional_text(7)};
}

TokenRow read_token(const Statement& row) {
  TokenRow token;
  token.id = id_at(row, 0);
  token.account = row.text(1);
  token.name = row.text(2);
  token.digest = read_digest(row, 3);
  token.sealed_secret = row.text(4);
  token.filters_operator = read_operator(row, 5);
  token.expires_at = row.optional_integer(6);
  token.last_used = row.optional_integer(7);
  token.epoch = count_at(row, 8);
  token.enabled = row.integer(9) != 0;
  token.revision = count_at(row, 10);
  token.client_key = row.optional_text(11);
  token.created_at = row.integer(12);
  token.updated_at = row.integer(13);
  if (!row.is_null(14)) {
    token.former_digest = read_digest(row, 14);
  }
  token.former_until = row.optional_integer(15);
  token.limits = row.text(16);
  token.requests = count_at(row, 17);
  token.denials = count_at(row, 18);
  token.links = count_at(row, 19);
  return token;
}

LinkRow read_link(const Statement& row) {
  return {.id = id_at(row, 0),
          .token = id_at(row, 1),
          .account = row.text(2),
          .name = row.text(3),
          .digest = read_digest(row, 4),
          .sealed_secret = row.text(5),
          .snapshot = row.integer(6) != 0,
          .path = row.text(7),
          .objects = row.text(8),
          .created_at = row.integer(9),
          .last_used = row.optional_integer(10),
          .revision = count_at(row, 11)};
}

GrantRow read_grant(const Statement& row) {
  GrantRow grant;
  grant.id = id_at(row, 0);
  grant.account = row.text(1);
  grant.digest = read_digest(row, 2);
  grant.filters_operator = read_operator(row, 3);
  grant.expires_at = row.optional_integer(4);
  grant.epoch = count_at(row, 5);
  grant.enabled = row.integer(6) != 0;
  if (!row.is_null(7)) {
    grant.former_digest = read_digest(row, 7);
  }
  grant.former_until = row.optional_integer(8);
  grant.limits = row.text(9);
  return grant;
}

ApiTokenRow read_api_token(const Statement& row) {
  return {.id = id_at(row, 0),
          .account = row.text(1),
          .name = row.text(2),
          .digest = read_digest(row, 3),
          .permissions = static_cast<std::uint8_t>(row.integer(4)),
          .created_at = row.integer(5),
          .expires_at = row.optional_integer(6)};
}

AuditRow read_audit(const Statement& row) {
  return {.id = row.integer(0),
          .at_ms = row.integer(1),
          .account = row.text(2),
          .kind = row.text(3),
          .operation = row.text(4),
          .api_token = id_at(row, 5),
          .token = id_at(row, 6),
          .filter = id_at(row, 7),
          .route = row.text(8),
          .code = row.text(9),
          .request_id = row.text(10),
          .widens = row.integer(11) != 0,
          .before = row.text(12),
          .after = row.text(13)};
}

std::string_view operator_name(FiltersOperator value) {
  return value == FiltersOperator::kOr ? "OR" : "AND";
}

std::int64_t returned_id(Statement& insert) {
  if (!insert.step()) {
    throw StoreError("the token store failed (it gave no id)");
  }
  const std::int64_t id = insert.integer(0);
  insert.run();
  return id;
}

std::string_view bytes_of(const TokenDigest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

std::string scope_text(const Account& account) {
  // Index names hold neither a newline nor `#`.
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

}  // namespace weir::proxy
