-- What version 1 of the tables was made with, and rows that it held. Never changes.
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

CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT;
INSERT INTO schema_version (version) VALUES (1);
INSERT INTO meta VALUES ('key_fingerprint', x'01ff');
INSERT INTO accounts VALUES ('a', 'logs-*' || char(10) || '#no scripts' || char(10));
INSERT INTO api_tokens VALUES (4, 'a', 'ci', zeroblob(32), 3, 10, NULL);
INSERT INTO filters VALUES (2, 'a', 'team', 'x', 'of x', 1);
INSERT INTO tokens VALUES (7, 'a', 'n', zeroblob(32), x'abcd', 'OR', 1000, 900, 5);
INSERT INTO token_filters VALUES (7, 2);
