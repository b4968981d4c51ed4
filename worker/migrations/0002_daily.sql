-- The ingest's own statistics: one dimension at a time, never a row for a machine.
CREATE TABLE daily (
  day TEXT NOT NULL,
  event TEXT NOT NULL,
  dimension TEXT NOT NULL,
  value TEXT NOT NULL,
  events INTEGER NOT NULL,
  count INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  PRIMARY KEY (day, event, dimension, value)
) WITHOUT ROWID;

-- Keyed hashes of the machines heard from on a day, to count each once. Emptied when the day is over.
CREATE TABLE machines_today (
  day TEXT NOT NULL,
  machine TEXT NOT NULL,
  PRIMARY KEY (day, machine)
) WITHOUT ROWID;

-- Keyed hashes of reports that are counted, so that one that comes again is not. Kept for a week.
CREATE TABLE counted_reports (
  id TEXT NOT NULL PRIMARY KEY,
  day TEXT NOT NULL
) WITHOUT ROWID;
