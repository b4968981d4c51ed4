-- The statistics: what was counted of a value in an ISO week (2026-W47) or a month (2026-11), of the
-- machines in the period's sample. Never a row for a machine.
CREATE TABLE cells (
  period TEXT NOT NULL,
  metric TEXT NOT NULL,
  value TEXT NOT NULL,
  machines INTEGER NOT NULL,
  uses INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  failing INTEGER NOT NULL,
  PRIMARY KEY (period, metric, value)
) WITHOUT ROWID;

-- Keyed hashes of (period, metric, value, machine): that machine is counted in that cell. And of (period,
-- report): that report is counted in that period. Two marks of one machine cannot be linked without the
-- key. Deleted eight days after the period.
CREATE TABLE marks (
  period TEXT NOT NULL,
  mark INTEGER NOT NULL,
  PRIMARY KEY (period, mark)
) WITHOUT ROWID;

-- How much of its bound a machine has used up of a name on a day, under a keyed hash of the three.
CREATE TABLE allowances (
  day TEXT NOT NULL,
  mark INTEGER NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (day, mark)
) WITHOUT ROWID;

-- Reports that went to a sink without statistics, so that the sums tell fresh ones from resends. Three days.
CREATE TABLE report_ids (
  id INTEGER PRIMARY KEY,
  day INTEGER NOT NULL
);
CREATE INDEX report_ids_by_day ON report_ids (day);

-- The share of machines that a sink gets of a period. Fixed when the period begins.
CREATE TABLE rates (
  sink TEXT NOT NULL,
  period TEXT NOT NULL,
  rate REAL NOT NULL,
  PRIMARY KEY (sink, period)
) WITHOUT ROWID;

-- What is published, and the bodies that are served.
CREATE TABLE periods (
  period TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  published TEXT
) WITHOUT ROWID;
CREATE TABLE pages (
  path TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  published TEXT NOT NULL
) WITHOUT ROWID;
