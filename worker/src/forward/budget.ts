import { formatDay, dayOf } from '../../../contract/day.ts';
import type { FrozenEvent } from '../ingest/message.ts';

/** What forwarding may cost, in events. The only thing that bounds the bill, and the database. */
export interface Budget {
  readonly hourly: number;
  readonly daily: number;
}

/** Events that went out so far: to PostHog, or without it to our own store. */
export interface Spending {
  readonly hour: number;
  readonly day: number;
}

// Each step may spend another tenth of the budget, so at most 1.2 budgets go out, and a batch for
// each consumer that runs at the same time.
const steps = [
  { upTo: 1, rate: 1 },
  { upTo: 1.1, rate: 0.1 },
  { upTo: 1.2, rate: 0.01 },
] as const;

/** The share of machines whose events are still forwarded; 0 when nothing is left. */
export function sampleRate(spending: Spending, budget: Budget): number {
  const spent = Math.max(spending.hour / budget.hourly, spending.day / budget.daily);
  return steps.find(({ upTo }) => spent < upTo)?.rate ?? 0;
}

/**
 * The events of that share of machines, each with the rate on it, so that sums can be scaled. A
 * machine is in or out with all its events: its distinct_id is a keyed hash, so nobody outside can
 * choose one that is in.
 */
export function sampleEvents(events: readonly FrozenEvent[], rate: number): readonly FrozenEvent[] {
  if (rate === 1) return events;
  return events
    .filter(({ distinct_id }) => Number.parseInt(distinct_id.slice(0, 8), 16) / 2 ** 32 < rate)
    .map((event) => ({ ...event, properties: { ...event.properties, sample_rate: rate } }));
}

/** The names of the day and of the hour that are spent from at an instant. */
export function periodsAt(now: number): { readonly day: string; readonly hour: string } {
  return { day: formatDay(dayOf(now)), hour: new Date(now).toISOString().slice(0, 13) };
}
