CREATE TABLE IF NOT EXISTS plugins (
  name            TEXT    NOT NULL PRIMARY KEY,
  kind            TEXT    NOT NULL,
  active_version  INTEGER NOT NULL,
  enabled         INTEGER NOT NULL,
  limits          TEXT    NOT NULL,
  config          TEXT    NOT NULL,
  hosts           TEXT    NOT NULL,
  created_ns      INTEGER NOT NULL
) STRICT;
