import { logReason } from '../log.ts';
import { readMessage } from '../ingest/message.ts';
import { book } from './book.ts';
import type { Delivery } from './deliver.ts';
import { isSettled, type Delivered, type HeldMessage } from './held.ts';
import { prepare, type ForwardServices, type Prepared } from './prepare.ts';
import { retryDelayS } from './retry-delay.ts';
import { deliverEvents, settle } from './settle.ts';
import { Tally, type Sums } from './tally.ts';

/**
 * Step 10: a batch of messages to the sinks. Changes nothing in an event but its sample rate. A message
 * is acknowledged when every event of it is settled; otherwise all of it comes again, and the sinks
 * recognise what they have. Returns what it counted.
 */
export async function forward(
  messages: readonly Delivered[],
  services: ForwardServices,
): Promise<Sums> {
  const tally = new Tally();
  const held = messages.flatMap((delivered) => hold(delivered, services, tally));
  countDeadLetters(held, services, tally);
  const prepared = await prepareOrWait(held, services);
  const delivery = await deliverEvents(prepared?.posthog, services);
  const outcomes =
    prepared === undefined ? [] : await settle(held, prepared, delivery, services, tally);
  const done = new Set<HeldMessage>();
  outcomes.forEach((outcome, index) => {
    const message = held[index];
    if (message !== undefined && isSettled(outcome)) done.add(message);
  });
  if (prepared !== undefined) await book(held, done, { prepared, outcomes, services, tally });
  for (const message of held) {
    if (done.has(message)) message.delivered.ack();
    else retry(message.delivered, delivery, services, tally);
  }
  const sums = tally.take();
  await account(sums, services);
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

/** Undefined as long as the database does not say what may be spent: nothing is lost by waiting. */
async function prepareOrWait(
  held: readonly HeldMessage[],
  services: ForwardServices,
): Promise<Prepared | undefined> {
  if (held.length === 0) return undefined;
  try {
    return await prepare(held, services);
  } catch {
    logReason('store_unavailable');
    return undefined;
  }
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

async function account(sums: Sums, { account: { add }, now }: ForwardServices): Promise<void> {
  try {
    await add(now, sums);
  } catch {
    // The messages are settled; only these sums are lost.
    logReason('store_unavailable');
  }
}
