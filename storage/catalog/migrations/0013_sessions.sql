CREATE TABLE IF NOT EXISTS sessions (
  token_sha256 BLOB    NOT NULL PRIMARY KEY,
  account_id   TEXT    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  csrf_token   TEXT    NOT NULL,
  created_ns   INTEGER NOT NULL,
  expires_ns   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
