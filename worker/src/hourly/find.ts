import { dayOf, formatDay } from '../../../contract/day.ts';
import type { AccountStore } from '../forward/account-store.ts';
import { hourDays } from '../limits.ts';
import { before, weekOf } from '../statistics/period.ts';
import { findRegressions, type Cell } from '../statistics/regression.ts';
import type { Findings } from './examine.ts';

interface FindTerms {
  readonly db: D1Database;
  readonly account: AccountStore;
  readonly now: number;
  readonly keyStatus: number;
  readonly hasPublicAddress: boolean;
}

/** Reads what is needed to tell whether the ingest is well. @throws Error when the database is away. */
export async function find({ db, account, ...known }: FindTerms): Promise<Findings> {
  const { now } = known;
  const today = dayOf(now);
  const week = weekOf(today);
  const lastHour = new Date(now - 3_600_000).toISOString().slice(0, 13);
  const [hours, rates, cells] = await db.batch<Record<string, unknown>>([
    db
      .prepare('SELECT hour, reports FROM hours WHERE hour >= ?1 AND substr(hour, 11) = ?2')
      .bind(formatDay(today - hourDays), lastHour.slice(10)),
    db
      .prepare(
        `SELECT sink, min(rate) FILTER (WHERE period = ?1) AS now,
           min(rate) FILTER (WHERE period = ?2) AS before
         FROM rates WHERE period IN (?1, ?2) GROUP BY sink`,
      )
      .bind(week, before(week)),
    db
      .prepare(
        `SELECT metric, value, machines, uses, errors, failing FROM cells
         WHERE period = ?1 AND metric IN ('tool_version', 'command_version')`,
      )
      .bind(week),
  ]);
  const byHour = new Map(
    (hours?.results ?? []).map(({ hour, reports }) => [String(hour), Number(reports)]),
  );
  // The size that D1 tells with every answer.
  const { meta } = await db.prepare('SELECT 1').all();
  return {
    ...known,
    signs: await account.readSigns(),
    sums: [...(await account.readSums(formatDay(today - 1))).values()],
    hour: {
      last: byHour.get(lastHour) ?? 0,
      others: [...byHour].filter(([hour]) => hour !== lastHour).map(([, reports]) => reports),
    },
    databaseBytes: meta.size_after,
    rates: new Map(
      (rates?.results ?? []).map((row) => [
        String(row['sink']),
        { now: Number(row['now'] ?? 1), before: Number(row['before'] ?? 1) },
      ]),
    ),
    regressions: findRegressions((cells?.results ?? []) as unknown as readonly Cell[]),
  };
}
