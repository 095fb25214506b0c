// How rows are spelled in SQL, for both databases.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/sql.h"
#include "store/store.h"

namespace weir::proxy {

// Each ends with a blank, for a WHERE or ORDER BY; read_*() reads its columns.
inline constexpr std::string_view kTokenColumns =
    "SELECT id, account, name, digest, secret, operator, expires_at, last_used, epoch, enabled, "
    "revision, client_key, created_at, updated_at, former_digest, former_until, limits, requests, "
    "denials, (SELECT count(*) FROM links WHERE links.token_id = tokens.id) FROM tokens ";
inline constexpr std::string_view kLinkColumns =
    "SELECT id, token_id, account, name, digest, secret, snapshot, path, objects, created_at, "
    "last_used, revision FROM links ";
inline constexpr std::string_view kApiTokenColumns =
    "SELECT id, account, name, digest, permissions, created_at, expires_at FROM api_tokens ";
inline constexpr std::string_view kFilterColumns =
    "SELECT id, account, field, value, description, literal, revision, client_key FROM filters ";
inline constexpr std::string_view kAuditColumns =
    "SELECT id, at_ms, account, kind, operation, api_token, token, filter, route, code, "
    "request_id, widens, before, after FROM audit ";

FilterRow read_filter(const Statement& row);
/// Everything but the filters, which stand in a table of their own.
TokenRow read_token(const Statement& row);
LinkRow read_link(const Statement& row);
/// The columns of SqlTransaction::grants().
GrantRow read_grant(const Statement& row);
ApiTokenRow read_api_token(const Statement& row);
AuditRow read_audit(const Statement& row);

std::string_view operator_name(FiltersOperator value);

/// The id that an INSERT … RETURNING gives.
std::int64_t returned_id(Statement& insert);

/// The bytes of the digest, which must outlive them.
std::string_view bytes_of(const TokenDigest& digest);

}  // namespace weir::proxy
