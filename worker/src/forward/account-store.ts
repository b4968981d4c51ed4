import { periodsAt, type Spending } from './budget.ts';
import type { Sums } from './tally.ts';

/** The ingest's account of itself, in D1: what it spent, and what it counted. */
export interface AccountStore {
  readonly readSpending: (now: number) => Promise<Spending>;
  /** Adds what one consumer batch forwarded and counted. */
  readonly add: (now: number, forwarded: number, sums: Sums) => Promise<void>;
  /** Sums of the days from `firstDay` on, by day. */
  readonly readSums: (firstDay: string) => Promise<ReadonlyMap<string, Record<string, number>>>;
}

/** Nothing is written for a request, two statements for a batch of them. */
export function openAccountStore(db: D1Database): AccountStore {
  return {
    readSpending: async (now) => {
      const { day, hour } = periodsAt(now);
      const { results } = await db
        .prepare('SELECT period, events FROM spending WHERE period IN (?1, ?2)')
        .bind(day, hour)
        .all<{ period: string; events: number }>();
      const spent = new Map(results.map(({ period, events }) => [period, events]));
      return { hour: spent.get(hour) ?? 0, day: spent.get(day) ?? 0 };
    },
    add: async (now, forwarded, sums) => {
      const { day, hour } = periodsAt(now);
      await db.batch([
        db
          .prepare(
            `INSERT INTO spending (period, events) VALUES (?1, ?3), (?2, ?3)
             ON CONFLICT DO UPDATE SET events = events + excluded.events`,
          )
          .bind(day, hour, forwarded),
        db
          .prepare(
            `INSERT INTO sums (day, key, total) SELECT ?1, key, value FROM json_each(?2) WHERE true
             ON CONFLICT DO UPDATE SET total = total + excluded.total`,
          )
          .bind(day, JSON.stringify(sums)),
      ]);
    },
    readSums: async (firstDay) => {
      const { results } = await db
        .prepare('SELECT day, key, total FROM sums WHERE day >= ?1 ORDER BY day, key')
        .bind(firstDay)
        .all<{ day: string; key: string; total: number }>();
      const days = Map.groupBy(results, ({ day }) => day);
      return new Map(
        [...days].map(([day, rows]) => [
          day,
          Object.fromEntries(rows.map(({ key, total }) => [key, total])),
        ]),
      );
    },
  };
}
