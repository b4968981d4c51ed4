import type { QueueMessage } from '../ingest/message.ts';
import { logReason } from '../log.ts';
import { deliver, type Delivery, type Fate } from './deliver.ts';
import type { AccountStore } from './account-store.ts';
import type { HeldMessage, Outcome } from './held.ts';
import type { ForwardServices, Prepared, SinkShare } from './prepare.ts';
import type { Tally } from './tally.ts';

/** Sends a batch's share to PostHog, and gives back what is booked and was not sent. */
export async function deliverEvents(
  share: SinkShare | undefined,
  { posthog, account, now }: ForwardServices,
): Promise<Delivery> {
  if (posthog === undefined || share === undefined) return { fates: new Map(), retryAfterS: 0 };
  const delivery = await deliver(share.events.flat(), posthog);
  const refused = countFates(delivery, 'refused');
  if (refused > 0) logReason('sink_refused_events', refused);
  const { trouble } = delivery;
  if (trouble !== undefined) logReason(`sink_${trouble}`, countFates(delivery, 'later'));
  try {
    await account.release('posthog', share.reserved - countFates(delivery, 'accepted'), now);
  } catch {
    // It stays booked: more was spent than was sent, which is the safe side.
    logReason('store_unavailable');
  }
  return delivery;
}

function countFates({ fates }: Delivery, which: Fate): number {
  return [...fates.values()].filter((fate) => fate === which).length;
}

/** Stores what PostHog has settled, and says what became of each message. */
export async function settle(
  held: readonly HeldMessage[],
  { posthog, d1, rates }: Prepared,
  { fates }: Delivery,
  { statistics, account, now }: ForwardServices,
  tally: Tally,
): Promise<readonly Outcome[]> {
  const sent = held.map((_, index) =>
    (posthog?.events[index] ?? []).map(({ uuid }) => fates.get(uuid)),
  );
  if (statistics === undefined || d1 === undefined) {
    return sent.map((own) => ({ fates: own, stored: undefined }));
  }
  const toStore = held.map(({ content }, index): QueueMessage | undefined => {
    const events = d1.events[index] ?? [];
    // One that has nothing left beyond the budget must not cost a row either.
    const isWaiting = sent[index]?.includes('later') === true || events.length === 0;
    return isWaiting ? undefined : { ...content, events };
  });
  const result = await statistics.add(
    toStore.filter((message) => message !== undefined),
    rates.d1,
  );
  tally.add('late', result.late);
  const outcomes = sent.map((own, index): Outcome => {
    const message = toStore[index];
    return { fates: own, stored: message === undefined ? undefined : result.fates.get(message) };
  });
  const waiting = outcomes.filter(({ stored }) => stored === 'later').length;
  if (waiting > 0) {
    logReason('store_unavailable', waiting);
    await noteFailure(account, now);
  }
  const refused = outcomes.filter(({ stored }) => stored === 'refused').length;
  if (refused > 0) logReason('store_refused', refused);
  try {
    const kept = toStore.reduce(
      (sum, message, index) =>
        sum + (outcomes[index]?.stored === 'stored' ? (message?.events.length ?? 0) : 0),
      0,
    );
    await account.release('d1', d1.reserved - kept, now);
  } catch {
    // As above.
    logReason('store_unavailable');
  }
  return outcomes;
}

/** For the alarm, should the database take this at least. */
async function noteFailure(account: AccountStore, now: number): Promise<void> {
  try {
    await account.sign('store_failed', now);
  } catch {
    // The round will find out by itself.
  }
}
