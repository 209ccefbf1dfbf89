CREATE TABLE IF NOT EXISTS pipelines (
  signal      TEXT    NOT NULL PRIMARY KEY,
  revision    INTEGER NOT NULL,
  steps       TEXT    NOT NULL,
  updated_ns  INTEGER NOT NULL,
  updated_by  TEXT    NOT NULL
) STRICT;
