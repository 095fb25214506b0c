#include "store/migrations.h"

#include <array>
#include <cstdint>
#include <string>

#include "store/sqlite.h"

namespace weir::proxy {
namespace {

// AUTOINCREMENT: an id is never given twice, so that a cursor sealed to a deleted token cannot fit
// a new one. The upper bound is the published API's (int32).
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

constexpr std::array<const char*, 1> kSteps = {kFirstTables};

std::int64_t current_version(Connection& db) {
  db.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT");
  Statement read = db.prepare("SELECT max(version) FROM schema_version");
  return read.step() ? read.integer(0) : 0;
}

}  // namespace

void migrate(Connection& db) {
  // IMMEDIATE: two programs that start at once must not both see the old version.
  db.execute("BEGIN IMMEDIATE");
  try {
    std::int64_t version = current_version(db);
    if (version > static_cast<std::int64_t>(kSteps.size())) {
      throw StoreError(
          "the token store was written by a newer version of weir (its tables are version " +
          std::to_string(version) + ", this program knows " + std::to_string(kSteps.size()) +
          "); run that version");
    }
    for (; version < static_cast<std::int64_t>(kSteps.size()); ++version) {
      db.execute(kSteps[static_cast<std::size_t>(version)]);
      db.prepare("INSERT INTO schema_version (version) VALUES (?)").bind(version + 1).run();
    }
    db.execute("COMMIT");
  } catch (...) {
    if (db.in_transaction()) {
      try {
        db.execute("ROLLBACK");
      } catch (const StoreError&) {  // the first error is the one to tell
      }
    }
    throw;
  }
}

}  // namespace weir::proxy
