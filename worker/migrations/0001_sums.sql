-- What the ingest counts of itself, by UTC day of counting.
CREATE TABLE sums (
  day TEXT NOT NULL,
  key TEXT NOT NULL,
  total INTEGER NOT NULL,
  PRIMARY KEY (day, key)
) WITHOUT ROWID;

-- Events that a sink got, or has reserved, in a UTC day (2026-11-23) or hour (2026-11-23T10).
CREATE TABLE spending (
  sink TEXT NOT NULL,
  period TEXT NOT NULL,
  events INTEGER NOT NULL,
  PRIMARY KEY (sink, period)
) WITHOUT ROWID;

-- By UTC hour of counting: an hour is compared with the same hour of other days. Reports, and of those in
-- the statistics' sample, how many came from machines that were counted before, and from new ones.
CREATE TABLE hours (
  hour TEXT PRIMARY KEY,
  reports INTEGER NOT NULL,
  known INTEGER NOT NULL DEFAULT 0,
  newcomers INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- The last time of something, in epoch milliseconds, and its outcome: a canary's arrival, an alert.
CREATE TABLE signs (
  key TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  value INTEGER NOT NULL
) WITHOUT ROWID;
