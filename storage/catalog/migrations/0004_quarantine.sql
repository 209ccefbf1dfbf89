CREATE TABLE IF NOT EXISTS quarantine (
  id          TEXT    NOT NULL PRIMARY KEY,
  tenant      TEXT    NOT NULL,
  "table"     TEXT    NOT NULL,
  path        TEXT    NOT NULL UNIQUE,
  rows        INTEGER NOT NULL,
  bytes       INTEGER NOT NULL,
  min_time_ns INTEGER NOT NULL,
  max_time_ns INTEGER NOT NULL,
  level       INTEGER NOT NULL,
  crc32       INTEGER NOT NULL,
  created_ns  INTEGER NOT NULL,
  columns     TEXT    NOT NULL,
  reason      TEXT    NOT NULL,
  time_ns     INTEGER NOT NULL
) STRICT;
