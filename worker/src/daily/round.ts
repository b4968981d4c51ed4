import { formatDay, type DayNumber } from '../../../contract/day.ts';
import { reportIdDays, spendingDays, statisticsDays } from '../limits.ts';

/**
 * The day's housekeeping in D1: machines of days that are over become a number, and what is older
 * than it may be is deleted. Running it twice changes nothing.
 */
export async function closeDays(db: D1Database, today: DayNumber): Promise<void> {
  const before = (days: number): string => formatDay(today - days);
  await db.batch([
    db
      .prepare(
        `INSERT INTO daily (day, event, dimension, value, events, count, errors)
         SELECT day, 'machines', 'all', '', count(*), count(*), 0
         FROM machines_today WHERE day < ?1 GROUP BY day
         ON CONFLICT DO UPDATE SET events = events + excluded.events, count = count + excluded.count`,
      )
      .bind(formatDay(today)),
    db.prepare('DELETE FROM machines_today WHERE day < ?1').bind(formatDay(today)),
    db.prepare('DELETE FROM counted_reports WHERE day < ?1').bind(before(reportIdDays)),
    db.prepare('DELETE FROM daily WHERE day < ?1').bind(before(statisticsDays)),
    db.prepare('DELETE FROM sums WHERE day < ?1').bind(before(statisticsDays)),
    db.prepare('DELETE FROM spending WHERE period < ?1').bind(before(spendingDays)),
  ]);
}
