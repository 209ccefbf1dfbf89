CREATE TABLE IF NOT EXISTS plugin_versions (
  plugin       TEXT    NOT NULL REFERENCES plugins (name) ON DELETE CASCADE,
  version      INTEGER NOT NULL,
  runtime      TEXT    NOT NULL,
  sha256       TEXT    NOT NULL,
  bytes        INTEGER NOT NULL,
  description  TEXT    NOT NULL,
  created_ns   INTEGER NOT NULL,
  created_by   TEXT    NOT NULL,
  PRIMARY KEY (plugin, version)
) STRICT;
