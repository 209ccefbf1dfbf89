CREATE TABLE IF NOT EXISTS saved_versions (
  saved_id    TEXT    NOT NULL REFERENCES saved (id) ON DELETE CASCADE,
  version     INTEGER NOT NULL,
  name        TEXT    NOT NULL,
  saved_ns    INTEGER NOT NULL,
  saved_by    TEXT    NOT NULL,
  content     TEXT    NOT NULL,
  PRIMARY KEY (saved_id, version)
) STRICT;
