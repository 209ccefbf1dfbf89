CREATE TABLE IF NOT EXISTS audit (
  id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  time_ns     INTEGER NOT NULL,
  actor       TEXT    NOT NULL,
  origin      TEXT    NOT NULL,
  action      TEXT    NOT NULL,
  target      TEXT    NOT NULL,
  before      TEXT,
  after       TEXT
) STRICT;
