import { formatDay, dayOf } from '../../../contract/day.ts';

/** What a sink may cost, in events. The only thing that bounds the bill, and the database. */
export interface Budget {
  readonly hourly: number;
  readonly daily: number;
}

/** Events that are spent or reserved so far. */
export interface Spending {
  readonly hour: number;
  readonly day: number;
}

// The rate of a period is chosen for less than this, so that the brake is for surprises only.
const freeShare = 0.8;

/**
 * The share of machines that an hour and a day still have room for: 1 up to four fifths of the budget,
 * then half for each halving of what is left, so that an hour thins out and never falls silent at once.
 */
export function brakeRate(spending: Spending, budget: Budget): number {
  const spent = Math.max(spending.hour / budget.hourly, spending.day / budget.daily);
  if (spent <= freeShare) return 1;
  if (spent >= 1) return 0;
  return 2 ** -Math.ceil(Math.log2((1 - freeShare) / (1 - spent)));
}

/** Of `wanted` events that are booked in `after` already, those that are beyond the budget. */
export function overBudget(after: Spending, wanted: number, budget: Budget): number {
  const over = Math.max(after.hour - budget.hourly, after.day - budget.daily, 0);
  return Math.min(wanted, over);
}

/** The names of the day and of the hour that are spent from at an instant. */
export function periodsAt(now: number): { readonly day: string; readonly hour: string } {
  return { day: formatDay(dayOf(now)), hour: new Date(now).toISOString().slice(0, 13) };
}
