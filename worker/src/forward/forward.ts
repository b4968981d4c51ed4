import type { AccountStore } from './account-store.ts';
import { sampleEvents, sampleRate, type Budget } from './budget.ts';
import type { DailyStore } from '../daily/store.ts';
import { deliver, type Delivery, type Fate } from './deliver.ts';
import { logReason } from '../log.ts';
import { readMessage, type FrozenEvent, type QueueMessage } from '../ingest/message.ts';
import type { Sink } from './posthog.ts';
import { retryDelayS, type RetryPolicy } from './retry-delay.ts';
import { Tally, type Sums } from './tally.ts';

/** A message as the queue hands it over; `body` may be of another version of the ingest. */
export type Delivered = Pick<Message, 'body' | 'attempts' | 'ack' | 'retry'>;

/** What step 10 needs of the world. At least one of `posthog` and `daily` is there. */
export interface ForwardServices {
  readonly posthog?: Sink;
  readonly daily?: DailyStore;
  readonly account: AccountStore;
  readonly budget: Budget;
  readonly retry: RetryPolicy;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Uuids of the ingest's own reports to itself. */
  readonly canaries: ReadonlySet<string>;
}

interface HeldMessage {
  readonly delivered: Delivered;
  readonly content: QueueMessage;
}

interface Affordable extends HeldMessage {
  /** Those of its events that the budget has room for. */
  readonly events: readonly FrozenEvent[];
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
  const held = messages.flatMap((delivered) => hold(delivered, services, tally));
  countDeadLetters(held, services, tally);
  const affordable = await keepWithinBudget(held, services);
  const delivery = await deliverEvents(affordable, services);
  const settled = await storeSettled(affordable, delivery, services);
  for (const message of settled) count(message, delivery, services, tally);
  const done = new Set(settled.map(({ delivered }) => delivered));
  for (const { delivered } of held) {
    if (done.has(delivered)) delivered.ack();
    else retry(delivered, delivery, services, tally);
  }
  const sums = tally.take();
  await account(sums, delivery, services);
  return sums;
}

function hold(
  delivered: Delivered,
  { retry: policy }: ForwardServices,
  tally: Tally,
): readonly HeldMessage[] {
  const content = readMessage(delivered.body);
  if (content !== undefined) return [{ delivered, content }];
  // Perhaps a newer version wrote it and this one was rolled back to: keep it for that one.
  tally.add('unreadable');
  logReason('unreadable_message');
  const { attempts } = delivered;
  const delaySeconds = retryDelayS({ attempts, isFault: true, retryAfterS: 0 }, policy);
  delivered.retry({ delaySeconds });
  return [];
}

/** Each message is counted once, when it has just arrived among them. */
function countDeadLetters(
  held: readonly HeldMessage[],
  { retry: { fixedS } }: ForwardServices,
  tally: Tally,
): void {
  if (fixedS === undefined) return;
  tally.add('dead', held.filter(({ delivered }) => delivered.attempts === 1).length);
  logReason('dead_letters', held.length);
}

/** None of the messages, as long as nobody knows what was spent. */
async function keepWithinBudget(
  held: readonly HeldMessage[],
  { account: { readSpending }, budget, now }: ForwardServices,
): Promise<readonly Affordable[]> {
  try {
    const rate = sampleRate(await readSpending(now), budget);
    const affordable = held.map((message) => ({
      ...message,
      events: sampleEvents(message.content.events, rate),
    }));
    const left = affordable.reduce((sum, message) => sum + countLeftOut(message), 0);
    if (left > 0) logReason('over_budget', left);
    return affordable;
  } catch {
    // Whatever the database says: nothing is lost by waiting.
    logReason('store_unavailable');
    return [];
  }
}

function countLeftOut({ content, events }: Affordable): number {
  return content.events.length - events.length;
}

async function deliverEvents(
  messages: readonly Affordable[],
  { posthog }: ForwardServices,
): Promise<Delivery> {
  if (posthog === undefined) return { fates: new Map(), retryAfterS: 0 };
  const delivery = await deliver(
    messages.flatMap(({ events }) => events),
    posthog,
  );
  const refused = countFates(delivery, 'refused');
  if (refused > 0) logReason('sink_refused_events', refused);
  const { trouble } = delivery;
  if (trouble !== undefined) logReason(`sink_${trouble}`, countFates(delivery, 'later'));
  return delivery;
}

function countFates({ fates }: Delivery, which: Fate): number {
  return [...fates.values()].filter((fate) => fate === which).length;
}

/** Without PostHog an event has no fate there. */
function fatesOf({ events }: Affordable, { fates }: Delivery): readonly (Fate | undefined)[] {
  return events.map(({ uuid }) => fates.get(uuid));
}

/** The messages that are settled everywhere. */
async function storeSettled(
  messages: readonly Affordable[],
  delivery: Delivery,
  { daily, now }: ForwardServices,
): Promise<readonly Affordable[]> {
  const settled = messages.filter((message) => !fatesOf(message, delivery).includes('later'));
  try {
    // One that has nothing left beyond the budget must not cost a row either.
    const stored = settled.filter(({ events }) => events.length > 0);
    await daily?.add(
      stored.map(({ content, events }) => ({ ...content, events })),
      now,
    );
    return settled;
  } catch {
    // Whatever the database says: nothing of it is stored, and all of it comes again.
    logReason('store_unavailable', settled.length);
    return [];
  }
}

function count(
  message: Affordable,
  delivery: Delivery,
  { daily, canaries }: ForwardServices,
  tally: Tally,
): void {
  const { content, events } = message;
  const fates = fatesOf(message, delivery);
  tally.addAll(content.sums);
  tally.add('forwarded', fates.filter((fate) => fate === 'accepted').length);
  tally.add('refused_by_sink', fates.filter((fate) => fate === 'refused').length);
  tally.add('over_budget', countLeftOut(message));
  if (daily !== undefined) tally.add('stored', events.length);
  tally.add('canary_arrived', content.events.filter(({ uuid }) => canaries.has(uuid)).length);
}

function retry(
  delivered: Delivered,
  { trouble, retryAfterS }: Delivery,
  { retry: policy }: ForwardServices,
  tally: Tally,
): void {
  tally.add('retried');
  const { attempts } = delivered;
  const isFault = trouble === 'misconfigured' || trouble === 'refused_everything';
  delivered.retry({ delaySeconds: retryDelayS({ attempts, isFault, retryAfterS }, policy) });
}

async function account(
  sums: Sums,
  delivery: Delivery,
  { account: { add }, posthog, now }: ForwardServices,
): Promise<void> {
  // What PostHog took costs, also that of a message that will come again.
  const spent = posthog === undefined ? (sums.stored ?? 0) : countFates(delivery, 'accepted');
  try {
    await add(now, spent, sums);
  } catch {
    // The messages are settled; only these sums are lost.
    logReason('store_unavailable');
  }
}
