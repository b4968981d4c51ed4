import { formatDay, type DayNumber } from '../../../contract/day.ts';
import type { AccountStore } from '../forward/account-store.ts';
import { sampleRate, type Budget } from '../forward/budget.ts';
import type { TallyKey } from '../forward/tally.ts';

/** `GET /v1/health`: sums of today and yesterday, for the operator. Nothing in it is about anybody. */
export interface Health {
  /** A canary arrived yesterday or today; or the ingest is too new to have sent one. */
  readonly ok: boolean;
  /** The share of machines forwarded now; 1 while the budget lasts. */
  readonly sample_rate: number;
  readonly days: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface HealthServices {
  readonly account: AccountStore;
  readonly budget: Budget;
  readonly today: DayNumber;
  /** Epoch milliseconds. */
  readonly now: number;
}

export async function readHealth(services: HealthServices): Promise<Health> {
  const { account, budget, today, now } = services;
  const yesterday = formatDay(today - 1);
  const [days, spending] = await Promise.all([
    account.readSums(yesterday),
    account.readSpending(now),
  ]);
  const has = (key: TallyKey): boolean => [...days.values()].some((sums) => key in sums);
  const isNew = !days.has(yesterday) && !has('canary_sent');
  return {
    ok: has('canary_arrived') || isNew,
    sample_rate: sampleRate(spending, budget),
    days: Object.fromEntries(days),
  };
}
