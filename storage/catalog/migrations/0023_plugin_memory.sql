CREATE TABLE IF NOT EXISTS plugin_memory (
  plugin    TEXT    NOT NULL PRIMARY KEY REFERENCES plugins (name) ON DELETE CASCADE,
  memory    BLOB    NOT NULL,
  taken_ns  INTEGER NOT NULL
) STRICT;
