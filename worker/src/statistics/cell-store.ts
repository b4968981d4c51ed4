import { dayOf, type DayNumber } from '../../../contract/day.ts';
import { reportNumber } from '../forward/account-store.ts';
import type { KeyedIds } from '../forward/keyed-ids.ts';
import type { QueueMessage } from '../ingest/message.ts';
import { markBound, markCells } from './cell-rows.ts';
import { countRows, forRows } from './statements.ts';
import type { Rates } from './rates.ts';
import {
  keyOfBound,
  selectEvents,
  sumCells,
  type Bound,
  type CountedEvent,
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
  /** Ids of reports that were not counted before. */
  readonly fresh: ReadonlySet<string>;
  /** Events of periods that are closed. */
  readonly late: number;
}

// Each time another consumer has counted one of these reports in between, and it is not counted here.
const maxLooks = 4;

/**
 * Counts messages in D1, in one transaction: each report once, however often it comes, and each machine
 * once in a cell.
 *
 * @throws Error when the database does not take them; then none of them is counted.
 */
export async function countMessages(
  db: D1Database,
  messages: readonly QueueMessage[],
  options: CellStoreOptions,
): Promise<Counted> {
  for (let look = 1; ; look++) {
    const fresh = await findFresh(db, messages);
    if (fresh.length === 0) return { fresh: new Set(), late: 0 };
    try {
      const late = await countFresh(db, fresh, options);
      return { fresh: new Set(fresh.map(({ id }) => id)), late };
    } catch (cause) {
      const isTaken = (await findFresh(db, fresh)).length < fresh.length;
      if (!isTaken || look === maxLooks) throw cause;
    }
  }
}

async function countFresh(
  db: D1Database,
  messages: readonly QueueMessage[],
  { ids, canaryIds, rates, now }: CellStoreOptions,
): Promise<number> {
  const today = dayOf(now);
  const { events, late } = selectEvents(messages, { rates, today, canaryIds });
  const bounds = await readBounds(db, events, ids);
  const used = new Map(bounds.map(({ key, used: before }) => [key, before]));
  const rows = await markCells(sumCells(events, used), ids);
  const allowances = bounds.map(({ key, day, mark }) => [day, mark, used.get(key) ?? 0]);
  await db.batch([
    ...insertReports(db, messages, today),
    ...countRows(db, rows),
    ...forRows(
      db,
      `INSERT INTO allowances SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1)
       WHERE true ON CONFLICT DO UPDATE SET used = max(used, excluded.used)`,
      allowances,
    ),
  ]);
  return late;
}

/** Fails when another consumer has just counted one of these. */
function insertReports(
  db: D1Database,
  messages: readonly QueueMessage[],
  today: DayNumber,
): readonly D1PreparedStatement[] {
  return forRows(
    db,
    'INSERT INTO report_ids (id, day) SELECT value, ?2 FROM json_each(?1)',
    messages.map(({ id }) => reportNumber(id)),
    today,
  );
}

/** Those that are not counted yet, each once. */
async function findFresh(
  db: D1Database,
  messages: readonly QueueMessage[],
): Promise<readonly QueueMessage[]> {
  const byNumber = new Map(messages.map((message) => [reportNumber(message.id), message]));
  const { results } = await db
    .prepare('SELECT id FROM report_ids WHERE id IN (SELECT value FROM json_each(?1))')
    .bind(JSON.stringify([...byNumber.keys()]))
    .all<{ id: number }>();
  for (const { id } of results) byNumber.delete(id);
  return [...byNumber.values()];
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
