import { dayOf, formatDay, formatMonth, parseDay, type DayNumber } from '../../../contract/day.ts';
import { finalAfterDays, publishedAfterDays } from '../limits.ts';

/** An ISO week, `2026-W47`, or a calendar month, `2026-11`, both in UTC. */
export type Period = string;

/** First and last day. */
export interface Span {
  readonly from: DayNumber;
  readonly to: DayNumber;
}

// 1970-01-01, day 0, was a Thursday: the day that decides which year an ISO week belongs to.
function thursdayOf(day: DayNumber): DayNumber {
  return day - ((((day + 3) % 7) + 7) % 7) + 3;
}

export function weekOf(day: DayNumber): Period {
  const thursday = thursdayOf(day);
  const year = formatDay(thursday).slice(0, 4);
  const first = dayOf(Date.parse(`${year}-01-01T00:00:00Z`));
  return `${year}-W${String(Math.floor((thursday - first) / 7) + 1).padStart(2, '0')}`;
}

/** The week and the month of a day. */
export function periodsOf(day: DayNumber): readonly [week: Period, month: Period] {
  return [weekOf(day), formatMonth(day)];
}

/** The month under whose id a machine is counted in a week: that of its Thursday. */
export function monthOfWeek(day: DayNumber): Period {
  return formatMonth(thursdayOf(day));
}

export function isWeek(period: Period): boolean {
  return period.includes('W');
}

/** First and last day of a period; undefined for any other text. */
export function spanOf(period: Period): Span | undefined {
  const [, year, week] = /^(\d{4})-W(\d{2})$/.exec(period) ?? [];
  if (year !== undefined && week !== undefined) {
    // The fourth of January is in the first week.
    const fourth = dayOf(Date.parse(`${year}-01-04T00:00:00Z`));
    const from = thursdayOf(fourth) - 3 + 7 * (Number(week) - 1);
    return weekOf(from) === period ? { from, to: from + 6 } : undefined;
  }
  const from = parseDay(`${period}-01`);
  if (from === undefined) return undefined;
  const next = new Date(from * 86_400_000);
  next.setUTCMonth(next.getUTCMonth() + 1);
  return { from, to: dayOf(next.getTime()) - 1 };
}

/** The period of the same kind before this one. */
export function before(period: Period): Period {
  const span = spanOf(period);
  if (span === undefined) throw new RangeError(`expected a week or a month, got ${period}`);
  const last = span.from - 1;
  return isWeek(period) ? weekOf(last) : formatMonth(last);
}

/** Whether enough of a period has arrived for it to be published. */
export function isPublishable(period: Period, today: DayNumber): boolean {
  const span = spanOf(period);
  return span !== undefined && today >= span.to + publishedAfterDays;
}

/** Whether nothing is counted into the period any more. */
export function isFinal(period: Period, today: DayNumber): boolean {
  const span = spanOf(period);
  return span === undefined || today >= span.to + finalAfterDays;
}
