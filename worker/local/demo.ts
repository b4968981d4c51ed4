import { dayOf } from '../../contract/day.ts';
import { before, isWeek, periodsOf, spanOf, type Period } from '../src/statistics/period.ts';
import { makeDemoCells } from './demo-cells.ts';
import type { RunningIngest } from './start-ingest.ts';

// Half a year of weeks and the months in it.
const halfYear = { machines: 3_000, weeks: 27, months: 6 };

/**
 * Fills an ingest with half a year of generated machines and publishes it, by the rules of a public
 * page. Resolves with the address of the page.
 */
export async function fillDemo(
  ingest: RunningIngest,
  now: number,
  { machines: atEnd, weeks, months } = halfYear,
): Promise<string> {
  const today = dayOf(now);
  const [week, month] = periodsOf(today);
  for (const period of [...lastPeriods(week, weeks), ...lastPeriods(month, months)]) {
    const age = (today - (spanOf(period)?.to ?? today)) / 7;
    const growth = atEnd * 0.93 ** age;
    const machines = Math.round(isWeek(period) ? growth : 1.4 * growth);
    const cells = makeDemoCells({ machines, age: Math.floor(age), seed: machines });
    await ingest.query(
      `INSERT INTO cells SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4,
       value ->> 5 FROM json_each(?2)`,
      period,
      JSON.stringify(cells),
    );
  }
  await ingest.runRound();
  return `${ingest.url}/stats`;
}

/** Periods before this one, oldest first. */
function lastPeriods(newest: Period, count: number): readonly Period[] {
  const periods: Period[] = [];
  for (let period = before(newest); periods.length < count; period = before(period)) {
    periods.unshift(period);
  }
  return periods;
}
