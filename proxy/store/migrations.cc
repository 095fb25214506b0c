#include "store/migrations.h"

#include <cstdint>
#include <iterator>
#include <string>

#include "store/sql.h"

namespace weir::proxy {
namespace {

// --- SQLite

constexpr const char* kFirstTables = R"sql(
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  name TEXT PRIMARY KEY,
  scope TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
  account TEXT NOT NULL REFERENCES accounts (name),
  name TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  permissions INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT;

CREATE TABLE filters (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
  account TEXT NOT NULL REFERENCES accounts (name),
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  description TEXT NOT NULL,
  literal INTEGER NOT NULL CHECK (literal IN (0, 1))
) STRICT;
CREATE INDEX filters_by_account ON filters (account, id);

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
  account TEXT NOT NULL REFERENCES accounts (name),
  name TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  secret BLOB NOT NULL,
  operator TEXT NOT NULL CHECK (operator IN ('AND', 'OR')),
  expires_at INTEGER,
  last_used INTEGER,
  epoch INTEGER NOT NULL CHECK (epoch >= 1)
) STRICT;
CREATE INDEX tokens_by_account ON tokens (account, id);

CREATE TABLE token_filters (
  token_id INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
  filter_id INTEGER NOT NULL REFERENCES filters (id),
  PRIMARY KEY (token_id, filter_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_filters_by_filter ON token_filters (filter_id, token_id);
)sql";

// What came later: revisions, client keys, rotation, limits, counted use, the audit, and the
// version that moves with every change. Added columns stand last, so reads name theirs.
constexpr const char* kSecondTables = R"sql(
ALTER TABLE filters ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE filters ADD COLUMN client_key TEXT;
CREATE UNIQUE INDEX filters_by_client_key ON filters (account, client_key)
  WHERE client_key IS NOT NULL;

ALTER TABLE tokens ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1));
ALTER TABLE tokens ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tokens ADD COLUMN client_key TEXT;
ALTER TABLE tokens ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN former_digest BLOB
  CHECK (former_digest IS NULL OR length(former_digest) = 32);
ALTER TABLE tokens ADD COLUMN former_until INTEGER;
ALTER TABLE tokens ADD COLUMN limits TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN denials INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX tokens_by_client_key ON tokens (account, client_key)
  WHERE client_key IS NOT NULL;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  operation TEXT NOT NULL,
  api_token INTEGER NOT NULL,
  token INTEGER NOT NULL,
  filter INTEGER NOT NULL,
  route TEXT NOT NULL,
  code TEXT NOT NULL,
  request_id TEXT NOT NULL,
  widens INTEGER NOT NULL CHECK (widens IN (0, 1)),
  before TEXT NOT NULL,
  after TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_account ON audit (account, id);
CREATE INDEX audit_by_token ON audit (account, token, id);
CREATE INDEX audit_by_time ON audit (at_ms);

CREATE TABLE change_version (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL
) STRICT;
INSERT INTO change_version (one, version) VALUES (1, 1);
)sql";

// The audit is trimmed by account and kind.
constexpr const char* kAuditByKind = R"sql(
CREATE INDEX audit_by_kind ON audit (account, kind, id);
DROP INDEX audit_by_time;
)sql";

constexpr const char* kSqliteLinks = R"sql(
CREATE TABLE links (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
  token_id INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
  account TEXT NOT NULL REFERENCES accounts (name),
  name TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  secret BLOB NOT NULL,
  snapshot INTEGER NOT NULL CHECK (snapshot IN (0, 1)),
  path TEXT NOT NULL,
  objects TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used INTEGER,
  revision INTEGER NOT NULL
) STRICT;
CREATE INDEX links_by_token ON links (token_id, id);
)sql";

// Which tokens and filters a version has changed, so that only those are read again; and how many
// tokens and filters there are, so that nobody needs to count them.
constexpr const char* kChanges = R"sql(
CREATE TABLE policy_changes (
  version BIGINT NOT NULL,
  token INTEGER NOT NULL,
  filter INTEGER NOT NULL,
  PRIMARY KEY (version, token, filter)
);
ALTER TABLE accounts ADD COLUMN tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN filters INTEGER NOT NULL DEFAULT 0;
UPDATE accounts SET tokens = (SELECT count(*) FROM tokens WHERE account = accounts.name),
  filters = (SELECT count(*) FROM filters WHERE account = accounts.name);
)sql";

constexpr const char* kSqliteSteps[] = {kFirstTables, kSecondTables, kAuditByKind, kSqliteLinks,
                                        kChanges};

// --- PostgreSQL. Texts of people's own are BYTEA: there TEXT has no zero byte, and sorts by the
// server's language. Sequences give no id twice, whatever is undone.

constexpr const char* kPostgresqlTables = R"sql(
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value BYTEA NOT NULL
);

CREATE TABLE accounts (
  name TEXT PRIMARY KEY,
  scope TEXT NOT NULL
);

CREATE TABLE api_tokens (
  id INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY CHECK (id >= 1),
  account TEXT NOT NULL REFERENCES accounts (name),
  name BYTEA NOT NULL,
  digest BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
  permissions SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT
);

CREATE TABLE filters (
  id INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY CHECK (id >= 1),
  account TEXT NOT NULL REFERENCES accounts (name),
  field BYTEA NOT NULL,
  value BYTEA NOT NULL,
  description BYTEA NOT NULL,
  literal SMALLINT NOT NULL CHECK (literal IN (0, 1)),
  revision BIGINT NOT NULL DEFAULT 1,
  client_key BYTEA
);
CREATE INDEX filters_by_account ON filters (account, id);
CREATE UNIQUE INDEX filters_by_client_key ON filters (account, client_key)
  WHERE client_key IS NOT NULL;

CREATE TABLE tokens (
  id INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY CHECK (id >= 1),
  account TEXT NOT NULL REFERENCES accounts (name),
  name BYTEA NOT NULL,
  digest BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
  secret BYTEA NOT NULL,
  operator TEXT NOT NULL CHECK (operator IN ('AND', 'OR')),
  expires_at BIGINT,
  last_used BIGINT,
  epoch BIGINT NOT NULL CHECK (epoch >= 1),
  enabled SMALLINT NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  revision BIGINT NOT NULL DEFAULT 1,
  client_key BYTEA,
  created_at BIGINT NOT NULL DEFAULT 0,
  updated_at BIGINT NOT NULL DEFAULT 0,
  former_digest BYTEA CHECK (former_digest IS NULL OR length(former_digest) = 32),
  former_until BIGINT,
  limits TEXT NOT NULL DEFAULT '',
  requests BIGINT NOT NULL DEFAULT 0,
  denials BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX tokens_by_account ON tokens (account, id);
CREATE UNIQUE INDEX tokens_by_client_key ON tokens (account, client_key)
  WHERE client_key IS NOT NULL;

CREATE TABLE token_filters (
  token_id INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
  filter_id INTEGER NOT NULL REFERENCES filters (id),
  PRIMARY KEY (token_id, filter_id)
);
CREATE INDEX token_filters_by_filter ON token_filters (filter_id, token_id);

CREATE TABLE audit (
  id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  operation TEXT NOT NULL,
  api_token INTEGER NOT NULL,
  token INTEGER NOT NULL,
  filter INTEGER NOT NULL,
  route TEXT NOT NULL,
  code TEXT NOT NULL,
  request_id TEXT NOT NULL,
  widens SMALLINT NOT NULL CHECK (widens IN (0, 1)),
  before TEXT NOT NULL,
  after TEXT NOT NULL
);
CREATE INDEX audit_by_account ON audit (account, id);
CREATE INDEX audit_by_token ON audit (account, token, id);
CREATE INDEX audit_by_time ON audit (at_ms);

CREATE TABLE change_version (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  version BIGINT NOT NULL
);
INSERT INTO change_version (one, version) VALUES (1, 1);

CREATE TABLE replicas (
  id TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  frame TEXT NOT NULL,
  acknowledged BIGINT NOT NULL,
  renewals BIGINT NOT NULL,
  lease_ms BIGINT NOT NULL,
  lease_until TIMESTAMPTZ NOT NULL
);
)sql";

constexpr const char* kPostgresqlLinks = R"sql(
CREATE TABLE links (
  id INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY CHECK (id >= 1),
  token_id INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
  account TEXT NOT NULL REFERENCES accounts (name),
  name BYTEA NOT NULL,
  digest BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
  secret BYTEA NOT NULL,
  snapshot SMALLINT NOT NULL CHECK (snapshot IN (0, 1)),
  path BYTEA NOT NULL,
  objects BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  last_used BIGINT,
  revision BIGINT NOT NULL
);
CREATE INDEX links_by_token ON links (token_id, id);
)sql";

constexpr const char* kPostgresqlSteps[] = {kPostgresqlTables, kAuditByKind, kPostgresqlLinks,
                                            kChanges};

std::int64_t current_version(Connection& db) {
  db.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
  const auto read = db.prepare("SELECT max(version) FROM schema_version");
  return read->step() && !read->is_null(0) ? read->integer(0) : 0;
}

void carry_out(Connection& db, const char* const* steps, std::int64_t known) {
  // A write transaction: two programs that start at once must not both see the old version.
  db.begin_write();
  try {
    std::int64_t version = current_version(db);
    if (version > known) {
      throw StoreError(
          "the token store was written by a newer version of weir (its tables are version " +
          std::to_string(version) + ", this program knows " + std::to_string(known) +
          "); run that version");
    }
    for (; version < known; ++version) {
      db.execute(steps[version]);
      db.prepare("INSERT INTO schema_version (version) VALUES (?)")->bind(version + 1).run();
    }
    db.commit();
  } catch (...) {
    db.roll_back();
    throw;
  }
}

}  // namespace

void migrate_sqlite(Connection& db) {
  carry_out(db, kSqliteSteps, static_cast<std::int64_t>(std::size(kSqliteSteps)));
}

void migrate_postgresql(Connection& db) {
  carry_out(db, kPostgresqlSteps, static_cast<std::int64_t>(std::size(kPostgresqlSteps)));
}

}  // namespace weir::proxy
