import { dayOf } from '../../../contract/day.ts';
import { periodsAt, type Spending } from './budget.ts';
import type { SinkName } from '../statistics/rates.ts';
import type { Sums } from './tally.ts';

/** The ingest's account of itself, in D1: what it spent, and what it counted. */
export interface AccountStore {
  /**
   * Books events before they are sent, so that nothing is sent that could not be booked. Resolves with
   * all that is booked of the hour and the day, these included.
   */
  readonly reserve: (sink: SinkName, events: number, now: number) => Promise<Spending>;
  /** Gives back what was reserved and not sent. */
  readonly release: (sink: SinkName, events: number, now: number) => Promise<void>;
  readonly readSpending: (sink: SinkName, now: number) => Promise<Spending>;
  /** Adds what one consumer batch, or the door, counted. */
  readonly add: (now: number, sums: Sums) => Promise<void>;
  /** Sums of the days from `firstDay` on, by day. */
  readonly readSums: (firstDay: string) => Promise<ReadonlyMap<string, Record<string, number>>>;
  /** Notes that something happened at this instant. */
  readonly sign: (key: SignKey, now: number, value?: number) => Promise<void>;
  readonly readSigns: () => Promise<ReadonlyMap<string, Sign>>;
}

export interface Sign {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

export type SignKey =
  | 'canary_sent'
  | 'canary_arrived'
  | 'canary_crossed'
  | 'store_failed'
  | 'newcomers_held'
  | 'round'
  | `alert_${string}`;

/** Nothing is written for a request, some statements for a batch of them. */
export function openAccountStore(db: D1Database): AccountStore {
  const book = async (sink: SinkName, events: number, now: number): Promise<Spending> => {
    const { day, hour } = periodsAt(now);
    const { results } = await db
      .prepare(
        `INSERT INTO spending (sink, period, events) VALUES (?1, ?2, ?4), (?1, ?3, ?4)
         ON CONFLICT DO UPDATE SET events = events + excluded.events RETURNING period, events`,
      )
      .bind(sink, day, hour, events)
      .all<{ period: string; events: number }>();
    return spendingOf(results, now);
  };
  return {
    reserve: book,
    release: async (sink, events, now) => {
      if (events > 0) await book(sink, -events, now);
    },
    readSpending: async (sink, now) => {
      const { day, hour } = periodsAt(now);
      const { results } = await db
        .prepare('SELECT period, events FROM spending WHERE sink = ?1 AND period IN (?2, ?3)')
        .bind(sink, day, hour)
        .all<{ period: string; events: number }>();
      return spendingOf(results, now);
    },
    add: async (now, sums) => {
      const { day, hour } = periodsAt(now);
      await db.batch([
        db
          .prepare(
            `INSERT INTO sums (day, key, total) SELECT ?1, key, value FROM json_each(?2) WHERE true
             ON CONFLICT DO UPDATE SET total = total + excluded.total`,
          )
          .bind(day, JSON.stringify(sums)),
        db
          .prepare(
            `INSERT INTO hours (hour, reports, known, newcomers) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET reports = reports + excluded.reports,
               known = known + excluded.known, newcomers = newcomers + excluded.newcomers`,
          )
          .bind(hour, sums.accepted ?? 0, sums.known ?? 0, sums.newcomers ?? 0),
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
    sign: async (key, now, value = 0) => {
      await db
        .prepare(
          `INSERT INTO signs (key, at, value) VALUES (?1, ?2, ?3)
           ON CONFLICT DO UPDATE SET at = max(at, excluded.at), value = excluded.value`,
        )
        .bind(key, now, value)
        .run();
    },
    readSigns: async () => {
      const { results } = await db
        .prepare('SELECT key, at, value FROM signs')
        .all<{ key: string; at: number; value: number }>();
      return new Map(results.map(({ key, at, value }) => [key, { at, value }]));
    },
  };
}

function spendingOf(
  rows: readonly { readonly period: string; readonly events: number }[],
  now: number,
): Spending {
  const { day, hour } = periodsAt(now);
  const spent = new Map(rows.map(({ period, events }) => [period, events]));
  return { hour: spent.get(hour) ?? 0, day: spent.get(day) ?? 0 };
}

/** Books reports by their ids; resolves with those that were not booked before. */
export async function bookReports(
  db: D1Database,
  ids: readonly string[],
  now: number,
): Promise<ReadonlySet<string>> {
  const byNumber = new Map(ids.map((id) => [reportNumber(id), id]));
  const { results } = await db
    .prepare(
      `INSERT OR IGNORE INTO report_ids (id, day) SELECT value, ?2 FROM json_each(?1)
       RETURNING id`,
    )
    .bind(JSON.stringify([...byNumber.keys()]), dayOf(now))
    .all<{ id: number }>();
  return new Set(results.map(({ id }) => byNumber.get(id) ?? ''));
}

/** The last 52 bits of a report's id, which are under a keyed mask: an eighth of a text's row. */
function reportNumber(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(-13), 16);
}
