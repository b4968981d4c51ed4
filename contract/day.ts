/** A UTC day in a frame: whole days since 1970-01-01. */
export type DayNumber = number;

const dayMs = 86_400_000;

/** The UTC day that holds the instant `epochMs`. */
export function dayOf(epochMs: number): DayNumber {
  return Math.floor(epochMs / dayMs);
}

/** First instant after `day`, in epoch milliseconds. */
export function endOfDay(day: DayNumber): number {
  return (day + 1) * dayMs;
}

/** `YYYY-MM-DD` of a day. */
export function formatDay(day: DayNumber): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** `YYYY-MM` of a day. */
export function formatMonth(day: DayNumber): string {
  return formatDay(day).slice(0, 7);
}

/** The day that a `YYYY-MM-DD` names; undefined when it names none. */
export function parseDay(text: string): DayNumber | undefined {
  const day = dayOf(Date.parse(`${text}T00:00:00.000Z`));
  return Number.isInteger(day) && formatDay(day) === text ? day : undefined;
}

/** The only time of day that a report carries: noon, so that no zone moves it to another day. */
export function noonOf(day: DayNumber): string {
  return `${formatDay(day)}T12:00:00.000Z`;
}
