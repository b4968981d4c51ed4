import type { DailyStore } from './daily-store.ts';
import {
  forwardWithinBudget,
  type BudgetedDelivery,
  type BudgetedFate,
  type BudgetedSink,
} from './forward-within-budget.ts';
import type { LedgerStore } from './ledger-store.ts';
import { maxRetryDelayS } from './limits.ts';
import { logReason } from './log.ts';
import { readMessage, type QueueMessage } from './message.ts';
import { retryDelayS } from './retry-delay.ts';
import { Tally, type Sums } from './tally.ts';

/** A message as the queue hands it over; `body` may be of another version of the ingest. */
export type Delivered = Pick<Message, 'body' | 'attempts' | 'ack' | 'retry'>;

export interface RetryPolicy {
  /** First wait of a failed delivery. */
  readonly baseS: number;
  /** Instead of that, the one wait of all retries: for dead letters. */
  readonly fixedS?: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** What step 10 needs of the world. At least one of `posthog` and `daily` is there. */
export interface ForwardServices {
  readonly posthog?: Omit<BudgetedSink, 'ledger' | 'now'>;
  readonly daily?: DailyStore;
  readonly ledger: LedgerStore;
  readonly retry: RetryPolicy;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Uuids of the ingest's own reports to itself. */
  readonly canaries: ReadonlySet<string>;
}

interface Held {
  readonly delivered: Delivered;
  readonly content: QueueMessage;
}

/**
 * Step 10: a batch of messages to the sinks. Changes nothing in an event but its sample rate, where
 * the budget is spent. A message is acknowledged when every event of it is settled; otherwise all
 * of it comes again, and the sinks recognise what they have. Returns what it counted.
 */
export async function forward(
  messages: readonly Delivered[],
  services: ForwardServices,
): Promise<Sums> {
  const tally = new Tally();
  const held = messages.flatMap((delivered) => hold(delivered, tally));
  countDeadLetters(held, services.retry, tally);
  const delivery = await deliverEvents(held, services);
  const settled = held.filter(({ content }) => !fatesOf(content, delivery).includes('later'));
  const isStored = await storeMessages(settled, services);
  for (const { delivered, content } of isStored ? settled : []) {
    count(content, delivery, services, tally);
    delivered.ack();
  }
  for (const { delivered } of held.filter((one) => !isStored || !settled.includes(one))) {
    tally.add('retried');
    delivered.retry({ delaySeconds: delayOf(delivered, delivery, services.retry) });
  }
  return account(tally.take(), services);
}

function hold(delivered: Delivered, tally: Tally): readonly Held[] {
  const content = readMessage(delivered.body);
  if (content !== undefined) return [{ delivered, content }];
  // Perhaps a newer version wrote it and this one was rolled back to: keep it for that one.
  tally.add('unreadable');
  logReason('unreadable_message');
  delivered.retry({ delaySeconds: maxRetryDelayS });
  return [];
}

/** Each message is counted once, when it has just arrived among them. */
function countDeadLetters(held: readonly Held[], policy: RetryPolicy, tally: Tally): void {
  if (policy.fixedS === undefined) return;
  tally.add('dead', held.filter(({ delivered }) => delivered.attempts === 1).length);
  logReason('dead_letters', held.length);
}

async function deliverEvents(
  held: readonly Held[],
  { posthog, ledger, now }: ForwardServices,
): Promise<BudgetedDelivery> {
  const events = held.flatMap(({ content }) => content.events);
  return posthog === undefined || events.length === 0
    ? { fates: new Map(), isFault: false, retryAfterS: 0 }
    : forwardWithinBudget(events, { ...posthog, ledger, now });
}

/** An event without a fate was not for PostHog at all. */
function fatesOf(
  { events }: QueueMessage,
  { fates }: BudgetedDelivery,
): readonly (BudgetedFate | undefined)[] {
  return events.map(({ uuid }) => fates.get(uuid));
}

async function storeMessages(
  settled: readonly Held[],
  { daily, now }: ForwardServices,
): Promise<boolean> {
  try {
    await daily?.add(
      settled.map(({ content }) => content),
      now,
    );
    return true;
  } catch {
    // Whatever the database says: nothing of it is stored, and all of it comes again.
    logReason('store_unavailable', settled.length);
    return false;
  }
}

function count(
  content: QueueMessage,
  delivery: BudgetedDelivery,
  { daily, canaries }: ForwardServices,
  tally: Tally,
): void {
  const fates = fatesOf(content, delivery);
  tally.addAll(content.sums);
  tally.add('forwarded', fates.filter((fate) => fate === 'accepted').length);
  tally.add('refused_by_sink', fates.filter((fate) => fate === 'refused').length);
  tally.add('over_budget', fates.filter((fate) => fate === 'skipped').length);
  if (daily !== undefined) tally.add('stored', content.events.length);
  tally.add('canary_arrived', content.events.filter(({ uuid }) => canaries.has(uuid)).length);
}

function delayOf(delivered: Delivered, delivery: BudgetedDelivery, policy: RetryPolicy): number {
  if (policy.fixedS !== undefined) return policy.fixedS;
  return retryDelayS({
    attempts: delivered.attempts,
    // Time alone does not mend a wrong key.
    baseS: delivery.isFault ? maxRetryDelayS : policy.baseS,
    retryAfterS: delivery.retryAfterS,
    jitter: policy.random(),
  });
}

async function account(sums: Sums, { ledger, now }: ForwardServices): Promise<Sums> {
  try {
    await ledger.add(now, sums.forwarded ?? 0, sums);
  } catch {
    // The messages are settled; only these sums are lost.
    logReason('store_unavailable');
  }
  return sums;
}
