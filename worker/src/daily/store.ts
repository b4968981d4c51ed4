import { dayOf, formatDay } from '../../../contract/day.ts';
import { sumDailyRows, type DailyRow } from './rows.ts';
import { maxVersions } from '../limits.ts';
import type { QueueMessage } from '../ingest/message.ts';

/** The sink of our own: daily sums in D1. */
export interface DailyStore {
  /**
   * Adds messages, each once however often it comes; `now` in epoch milliseconds.
   *
   * @throws Error when the database does not take them; then none of them is counted.
   */
  readonly add: (messages: readonly QueueMessage[], now: number) => Promise<void>;
}

export function openDailyStore(db: D1Database): DailyStore {
  return {
    add: async (messages, now) => {
      const today = formatDay(dayOf(now));
      const fresh = await findFresh(db, messages);
      if (fresh.length === 0) return;
      const sums = sumDailyRows(fresh);
      const rows = foldVersions(sums, await readVersions(db, sums));
      const machines = fresh.flatMap(({ events }) => events.map((event) => event.distinct_id));
      // One transaction. When another consumer has just counted one of these, its id is there
      // already, all of this fails, and the next delivery finds it.
      await db.batch([
        db
          .prepare('INSERT INTO counted_reports (id, day) SELECT value, ?1 FROM json_each(?2)')
          .bind(today, JSON.stringify(fresh.map(({ id }) => id))),
        db
          .prepare(
            `INSERT INTO daily (day, event, dimension, value, events, count, errors)
             SELECT value ->> 'day', value ->> 'event', value ->> 'dimension', value ->> 'value',
                    value ->> 'events', value ->> 'count', value ->> 'errors'
             FROM json_each(?1) WHERE true
             ON CONFLICT DO UPDATE SET events = events + excluded.events,
               count = count + excluded.count, errors = errors + excluded.errors`,
          )
          .bind(JSON.stringify(rows)),
        db
          .prepare('INSERT OR IGNORE INTO machines_today SELECT ?1, value FROM json_each(?2)')
          .bind(today, JSON.stringify([...new Set(machines)])),
      ]);
    },
  };
}

async function findFresh(
  db: D1Database,
  messages: readonly QueueMessage[],
): Promise<readonly QueueMessage[]> {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const { results } = await db
    .prepare('SELECT id FROM counted_reports WHERE id IN (SELECT value FROM json_each(?1))')
    .bind(JSON.stringify([...byId.keys()]))
    .all<{ id: string }>();
  for (const { id } of results) byId.delete(id);
  return [...byId.values()];
}

async function readVersions(
  db: D1Database,
  rows: readonly DailyRow[],
): Promise<ReadonlySet<string>> {
  const days = [...new Set(rows.map(({ day }) => day))];
  const { results } = await db
    .prepare(
      `SELECT DISTINCT value FROM daily WHERE dimension = 'codegraph_version'
       AND day IN (SELECT value FROM json_each(?1)) LIMIT ?2`,
    )
    .bind(JSON.stringify(days), maxVersions)
    .all<{ value: string }>();
  return new Set(results.map(({ value }) => value));
}

/** The version is the one dimension that a stranger can invent values of. */
function foldVersions(rows: readonly DailyRow[], known: ReadonlySet<string>): readonly DailyRow[] {
  const kept = new Set(known);
  return rows.map((row) => {
    if (row.dimension !== 'codegraph_version') return row;
    if (kept.size < maxVersions) kept.add(row.value);
    return kept.has(row.value) ? row : { ...row, value: 'other' };
  });
}
