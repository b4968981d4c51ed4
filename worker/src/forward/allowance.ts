import { dayOf, formatDay } from '../../../contract/day.ts';
import type { FrozenEvent, QueueMessage } from '../ingest/message.ts';
import { maxEventsPerMachineDay } from '../limits.ts';
import { forRows } from '../statistics/statements.ts';
import type { KeyedIds } from './keyed-ids.ts';

/** How many events a machine may send in a day, over all its reports. */
export interface AllowanceStore {
  /** What each message may still bring, in order; the rest of its events is left out. */
  readonly cut: (messages: readonly QueueMessage[]) => Promise<readonly (readonly FrozenEvent[])[]>;
  /** Books what came of these. */
  readonly charge: (messages: readonly QueueMessage[]) => Promise<void>;
}

/** In D1, by day of receipt, under a keyed hash. */
export function openAllowances(db: D1Database, ids: KeyedIds, now: number): AllowanceStore {
  const day = formatDay(dayOf(now));
  const markOf = async ({ events: [event] }: QueueMessage): Promise<number> =>
    ids.mark('events', day, event?.distinct_id ?? '');
  return {
    cut: async (messages) => {
      const marks = await Promise.all(messages.map(markOf));
      const { results } = await db
        .prepare(
          `SELECT mark, used FROM allowances
           WHERE day = ?2 AND mark IN (SELECT value FROM json_each(?1))`,
        )
        .bind(JSON.stringify(marks), day)
        .all<{ mark: number; used: number }>();
      const used = new Map(results.map((row) => [row.mark, row.used]));
      return messages.map(({ events }, index) => {
        const mark = marks[index] ?? 0;
        const before = used.get(mark) ?? 0;
        const kept = events.slice(0, Math.max(0, maxEventsPerMachineDay - before));
        used.set(mark, before + kept.length);
        return kept;
      });
    },
    charge: async (messages) => {
      const rows = await Promise.all(
        messages.map(async (message) => [await markOf(message), message.events.length]),
      );
      const statements = forRows(
        db,
        `INSERT INTO allowances SELECT ?2, value ->> 0, sum(value ->> 1) FROM json_each(?1)
         WHERE true GROUP BY 2 ON CONFLICT DO UPDATE SET used = used + excluded.used`,
        rows,
        day,
      );
      if (statements.length > 0) await db.batch([...statements]);
    },
  };
}
