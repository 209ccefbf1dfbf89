CREATE TABLE IF NOT EXISTS accounts (
  id                  TEXT    NOT NULL PRIMARY KEY,
  name                TEXT    NOT NULL UNIQUE,
  password_phc        TEXT    NOT NULL,
  role                TEXT    NOT NULL,
  created_ns          INTEGER NOT NULL,
  password_changed_ns INTEGER NOT NULL
) STRICT;
