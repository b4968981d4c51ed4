import { dayOf, formatDay } from '../../../contract/day.ts';
import { rateWithin } from '../forward/sample.ts';
import { maxMachinesPerPeriod, rateLookBackDays } from '../limits.ts';
import { before, type Period } from './period.ts';

export type SinkName = 'posthog' | 'd1';

export type Rates = ReadonlyMap<Period, number>;

/**
 * The rate of each period at a sink: the share of its machines that the sink gets. One that has none
 * yet is given one now, for good; two consumers that do so at once agree on the first.
 *
 * @throws Error when the database does not answer.
 */
export async function readRates(
  db: D1Database,
  sink: SinkName,
  periods: readonly Period[],
  plan: (period: Period) => Promise<number>,
): Promise<Rates> {
  const known = await select(db, sink, periods);
  const missing = periods.filter((period) => !known.has(period));
  if (missing.length === 0) return known;
  const planned = await Promise.all(missing.map(async (period) => [period, await plan(period)]));
  await db
    .prepare(
      `INSERT OR IGNORE INTO rates (sink, period, rate)
       SELECT ?1, value ->> 0, value ->> 1 FROM json_each(?2)`,
    )
    .bind(sink, JSON.stringify(planned))
    .run();
  return select(db, sink, periods);
}

async function select(
  db: D1Database,
  sink: SinkName,
  periods: readonly Period[],
): Promise<Map<Period, number>> {
  const { results } = await db
    .prepare(
      'SELECT period, rate FROM rates WHERE sink = ?1 AND period IN (SELECT value FROM json_each(?2))',
    )
    .bind(sink, JSON.stringify(periods))
    .all<{ period: Period; rate: number }>();
  return new Map(results.map(({ period, rate }) => [period, rate]));
}

/** For our own store: by the machines of the two periods before, as the last is not all there yet. */
export async function planStored(db: D1Database, period: Period): Promise<number> {
  const last = before(period);
  const { results } = await db
    .prepare(
      `SELECT machines / rate AS machines FROM cells JOIN rates USING (period)
       WHERE sink = 'd1' AND metric = 'machines' AND period IN (?1, ?2)`,
    )
    .bind(last, before(last))
    .all<{ machines: number }>();
  return rateWithin(Math.max(0, ...results.map(({ machines }) => machines)), maxMachinesPerPeriod);
}

// The daily budget has room for a day like no other: three fifths of it are planned for.
const plannedShare = 0.6;

/** For PostHog: by the events of the busiest of the last days, and the daily budget. */
export async function planForwarded(
  db: D1Database,
  dailyBudget: number,
  now: number,
): Promise<number> {
  const since = formatDay(dayOf(now) - rateLookBackDays);
  const most = await db
    .prepare(`SELECT max(total) AS most FROM sums WHERE key = 'kept' AND day >= ?1`)
    .bind(since)
    .first<number | null>('most');
  return rateWithin(most ?? 0, plannedShare * dailyBudget);
}
