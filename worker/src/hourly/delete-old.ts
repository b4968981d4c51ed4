import { formatDay, type DayNumber } from '../../../contract/day.ts';
import {
  allowanceDays,
  hourDays,
  maxDeletesPerRound,
  reportIdDays,
  spendingDays,
  statisticsDays,
  sweptDays,
} from '../limits.ts';
import { isFinal, spanOf, type Period } from '../statistics/period.ts';
import { deleteInChunks } from '../statistics/statements.ts';

/**
 * Deletes what is older than it may be, a bounded part of it in one round: the marks of ten million
 * machines take a day of rounds. Running it twice changes nothing.
 */
export async function deleteOld(db: D1Database, today: DayNumber): Promise<void> {
  const before = (days: number): string => formatDay(today - days);
  const isOlder = (period: Period, days: number): boolean =>
    (spanOf(period)?.to ?? 0) < today - days;
  // Every period that has marks has a rate, and there are few of them.
  const { results } = await db
    .prepare(`SELECT period FROM rates WHERE sink = 'd1'`)
    .all<{ period: Period }>();
  const periods = results.map(({ period }) => period);
  const closed = periods.filter((period) => isFinal(period, today) && !isOlder(period, sweptDays));
  const forgotten = periods.filter((period) => isOlder(period, statisticsDays));
  const old = [
    ...closed.map((period) => ({
      table: 'marks',
      key: 'period, mark',
      where: 'period = ?1',
      bound: [period],
    })),
    ...forgotten.map((period) => ({
      table: 'cells',
      key: 'period, metric, value',
      where: 'period = ?1',
      bound: [period],
    })),
    { table: 'allowances', key: 'day, mark', where: 'day < ?1', bound: [before(allowanceDays)] },
    { table: 'report_ids', key: 'id', where: 'day < ?1', bound: [today - reportIdDays] },
    { table: 'sums', key: 'day, key', where: 'day < ?1', bound: [before(statisticsDays)] },
    { table: 'hours', key: 'hour', where: 'hour < ?1', bound: [before(hourDays)] },
    { table: 'spending', key: 'sink, period', where: 'period < ?1', bound: [before(spendingDays)] },
  ];
  for (const deletion of old) await deleteInChunks(db, deletion, maxDeletesPerRound);
}
