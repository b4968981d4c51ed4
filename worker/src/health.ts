import { formatDay, type DayNumber } from '../../spec/contract/day.ts';
import { sampleRate, type Budget } from './budget.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { TallyKey } from './tally.ts';

/** `GET /v1/health`: sums of today and yesterday, for the operator. Nothing in it is about anybody. */
export interface Health {
  /** Not: a canary was sent yesterday or today, and none arrived. */
  readonly ok: boolean;
  /** The share of machines forwarded now; 1 while the budget lasts. */
  readonly sample_rate: number;
  readonly days: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface HealthServices {
  readonly ledger: LedgerStore;
  readonly budget: Budget;
  readonly today: DayNumber;
  /** Epoch milliseconds. */
  readonly now: number;
}

export async function readHealth(services: HealthServices): Promise<Health> {
  const { ledger, budget, today, now } = services;
  const [days, spending] = await Promise.all([
    ledger.readSums(formatDay(today - 1)),
    ledger.readSpending(now),
  ]);
  const has = (key: TallyKey): boolean => [...days.values()].some((sums) => key in sums);
  return {
    ok: has('canary_arrived') || !has('canary_sent'),
    sample_rate: sampleRate(spending, budget),
    days: Object.fromEntries(days),
  };
}
