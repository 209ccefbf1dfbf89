CREATE TABLE IF NOT EXISTS plugin_state (
  plugin  TEXT NOT NULL REFERENCES plugins (name) ON DELETE CASCADE,
  key     TEXT NOT NULL,
  value   BLOB NOT NULL,
  PRIMARY KEY (plugin, key)
) STRICT;
