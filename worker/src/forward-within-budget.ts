import { sampleEvents, sampleRate, type Budget } from './budget.ts';
import { deliver, type Fate } from './deliver.ts';
import type { LedgerStore } from './ledger-store.ts';
import { logReason } from './log.ts';
import type { FrozenEvent } from './message.ts';
import type { Sink } from './posthog.ts';

export interface BudgetedSink {
  readonly sink: Sink;
  readonly ledger: LedgerStore;
  readonly budget: Budget;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** `skipped`: left out on purpose, by sampling. */
export type BudgetedFate = Fate | 'skipped';

export interface BudgetedDelivery {
  readonly fates: ReadonlyMap<string, BudgetedFate>;
  /** Something that time alone does not mend. */
  readonly isFault: boolean;
  readonly retryAfterS: number;
}

/**
 * Delivers events as far as the budget goes; beyond it, those of a share of machines. Without an
 * account of what was spent, all of them are for later.
 */
export async function forwardWithinBudget(
  events: readonly FrozenEvent[],
  { sink, ledger, budget, now }: BudgetedSink,
): Promise<BudgetedDelivery> {
  let rate: number;
  try {
    rate = sampleRate(await ledger.readSpending(now), budget);
  } catch {
    // Whatever the database says: nothing is lost by waiting.
    logReason('store_unavailable');
    return { fates: fatesOf(events, 'later'), isFault: false, retryAfterS: 0 };
  }
  const delivery = await deliver(sampleEvents(events, rate), sink);
  const fates = new Map([...fatesOf(events, 'skipped'), ...delivery.fates]);
  const { trouble, retryAfterS } = delivery;
  log('over_budget', fates, 'skipped');
  log('sink_refused_events', fates, 'refused');
  if (trouble !== undefined) log(`sink_${trouble}`, fates, 'later');
  return {
    fates,
    isFault: trouble === 'misconfigured' || trouble === 'refused_everything',
    retryAfterS,
  };
}

function fatesOf(events: readonly FrozenEvent[], fate: BudgetedFate): Map<string, BudgetedFate> {
  return new Map(events.map(({ uuid }) => [uuid, fate]));
}

function log(
  reason: Parameters<typeof logReason>[0],
  fates: ReadonlyMap<string, BudgetedFate>,
  which: BudgetedFate,
): void {
  const count = [...fates.values()].filter((fate) => fate === which).length;
  if (count > 0) logReason(reason, count);
}
