CREATE TABLE IF NOT EXISTS keys (
  id           TEXT    NOT NULL PRIMARY KEY,
  name         TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  prefix       TEXT    NOT NULL,
  token_sha256 BLOB    NOT NULL UNIQUE,
  created_ns   INTEGER NOT NULL,
  last_used_ns INTEGER,
  revoked_ns   INTEGER
) STRICT;
