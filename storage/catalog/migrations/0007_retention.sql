CREATE TABLE IF NOT EXISTS retention (
  tenant      TEXT    NOT NULL,
  "table"     TEXT    NOT NULL,
  max_age_ns  INTEGER,
  max_bytes   INTEGER,
  changed_ns  INTEGER NOT NULL,
  PRIMARY KEY (tenant, "table")
) STRICT, WITHOUT ROWID;
