-- What the ingest counts of itself, by UTC day of counting.
CREATE TABLE sums (
  day TEXT NOT NULL,
  key TEXT NOT NULL,
  total INTEGER NOT NULL,
  PRIMARY KEY (day, key)
) WITHOUT ROWID;

-- Events forwarded in a UTC day (2026-11-23) or hour (2026-11-23T10), for the budget.
CREATE TABLE spending (
  period TEXT NOT NULL PRIMARY KEY,
  events INTEGER NOT NULL
) WITHOUT ROWID;
