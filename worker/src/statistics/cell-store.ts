import { dayOf } from '../../../contract/day.ts';
import type { KeyedIds } from '../forward/keyed-ids.ts';
import type { QueueMessage } from '../ingest/message.ts';
import { markBound, markCells } from './cell-rows.ts';
import type { Period } from './period.ts';
import { countRows, forRows } from './statements.ts';
import type { Rates } from './rates.ts';
import {
  keyOfBound,
  selectEvents,
  sumCells,
  type Bound,
  type CountedEvent,
  type SelectedReport,
} from './tally-events.ts';

/** What the store needs beside its database. */
export interface CellStoreOptions {
  readonly ids: KeyedIds;
  /** Who does not count: the ingest itself. */
  readonly canaryIds: ReadonlySet<string>;
  /** Of the periods of all the events. */
  readonly rates: Rates;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What became of one attempt. */
export interface Counted {
  /** Ids of reports that were not counted before, in one period at least. */
  readonly fresh: ReadonlySet<string>;
  /** Events of periods that are closed. */
  readonly late: number;
}

// Each time another consumer was faster, and has got further by it.
const maxLooks = 4;

/**
 * Counts messages in D1, in one transaction: each report once in a period, however often it comes while
 * the period is open, and each machine's id once in a cell.
 *
 * @throws Error when the database does not take them; then none of them is counted.
 */
export async function countMessages(
  db: D1Database,
  messages: readonly QueueMessage[],
  { ids, now, ...selecting }: CellStoreOptions,
): Promise<Counted> {
  const today = dayOf(now);
  const unique = [...new Map(messages.map((message) => [message.id, message])).values()];
  const reports = await Promise.all(
    unique.map((message) => markReport(selectEvents(message, { ...selecting, today }), ids)),
  );
  for (let look = 1; ; look++) {
    const seen = await findMarks(db, reports.flatMap(marksOf));
    const fresh = reports.flatMap((report) => dropSeen(report, seen));
    try {
      await countFresh(db, fresh, ids);
      return {
        fresh: new Set(fresh.map(({ id }) => id)),
        late: fresh.reduce((sum, { late }) => sum + late, 0),
      };
    } catch (cause) {
      if (look === maxLooks || !isOvertaken(cause)) throw cause;
    }
  }
}

/** Whether another consumer was faster. */
function isOvertaken(error: unknown): boolean {
  return error instanceof Error && /constraint failed: (?:marks|allowances)\./.test(error.message);
}

/** A report under its own mark in each period that it counts in. It lasts as long as the period is open. */
interface MarkedReport extends SelectedReport {
  readonly marks: ReadonlyMap<Period, number>;
}

async function markReport(report: SelectedReport, { mark }: KeyedIds): Promise<MarkedReport> {
  const places = report.events.flatMap(({ placed }) => placed.map(({ period }) => period));
  const marks = [...new Set(places)].map(async (period): Promise<[Period, number]> => [
    period,
    await mark('report', period, report.id),
  ]);
  return { ...report, marks: new Map(await Promise.all(marks)) };
}

function marksOf({ marks }: MarkedReport): readonly (readonly [Period, number])[] {
  return [...marks];
}

/** What of a report no period has yet; nothing when it is counted in all of them. */
function dropSeen(report: MarkedReport, seen: ReadonlySet<string>): readonly MarkedReport[] {
  const marks = new Map([...report.marks].filter((pair) => !seen.has(String(pair))));
  if (marks.size === 0 && report.marks.size > 0) return [];
  const events = report.events.map((event) => ({
    ...event,
    placed: event.placed.filter(({ period }) => marks.has(period)),
  }));
  return [{ ...report, marks, events: events.filter(({ placed }) => placed.length > 0) }];
}

async function countFresh(
  db: D1Database,
  reports: readonly MarkedReport[],
  ids: KeyedIds,
): Promise<void> {
  const events = reports.flatMap((report) => report.events);
  if (events.length === 0) return;
  const bounds = await readBounds(db, events, ids);
  const used = new Map(bounds.map(({ key, used: before }) => [key, before]));
  const rows = await markCells(sumCells(events, used), ids);
  const allowances = bounds.map(({ key, day, mark, used: before }) => [
    day,
    mark,
    before,
    used.get(key) ?? 0,
  ]);
  // Another consumer may have counted one of these reports since the look, or used up what a machine had
  // left of a name. Then the first or the last of these breaks a constraint, and none is done.
  await db.batch([
    ...forRows(
      db,
      'INSERT INTO marks SELECT value ->> 0, value ->> 1 FROM json_each(?1)',
      reports.flatMap(marksOf),
    ),
    ...countRows(db, rows),
    ...forRows(
      db,
      `INSERT INTO allowances
       SELECT value ->> 0, value ->> 1, iif(value ->> 2 = coalesce((SELECT used FROM allowances
         WHERE day = value ->> 0 AND mark = value ->> 1), 0), value ->> 3, NULL)
       FROM json_each(?1) WHERE true ON CONFLICT DO UPDATE SET used = excluded.used`,
      allowances,
    ),
  ]);
}

/** Those of the marks that are there, as texts. */
export async function findMarks(
  db: D1Database,
  marks: readonly (readonly [Period, number])[],
): Promise<ReadonlySet<string>> {
  const statements = forRows(
    db,
    `SELECT period, mark FROM marks
     WHERE (period, mark) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))`,
    marks,
  );
  if (statements.length === 0) return new Set();
  const answers = await db.batch<{ period: Period; mark: number }>([...statements]);
  const rows = answers.flatMap(({ results }) => results);
  return new Set(rows.map(({ period, mark }) => String([period, mark])));
}

interface UsedBound extends Bound {
  readonly key: string;
  readonly mark: number;
  readonly used: number;
}

async function readBounds(
  db: D1Database,
  events: readonly CountedEvent[],
  ids: KeyedIds,
): Promise<readonly UsedBound[]> {
  const unique = new Map(events.map(({ bound }) => [keyOfBound(bound), bound]));
  const marked = await Promise.all(
    [...unique].map(async ([key, bound]) => ({ ...bound, key, mark: await markBound(bound, ids) })),
  );
  const known = new Map<string, number>();
  const statements = forRows(
    db,
    `SELECT day, mark, used FROM allowances
     WHERE (day, mark) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))`,
    marked.map(({ day, mark }) => [day, mark]),
  );
  if (statements.length === 0) return [];
  const answers = await db.batch<{ day: string; mark: number; used: number }>([...statements]);
  for (const { day, mark, used } of answers.flatMap(({ results }) => results)) {
    known.set(`${day} ${mark}`, used);
  }
  return marked.map((bound) => ({ ...bound, used: known.get(`${bound.day} ${bound.mark}`) ?? 0 }));
}
