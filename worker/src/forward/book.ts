import { logReason } from '../log.ts';
import type { HeldMessage, Outcome } from './held.ts';
import type { ForwardServices, Prepared } from './prepare.ts';
import type { Tally } from './tally.ts';

interface Settlement {
  readonly prepared: Prepared;
  readonly outcomes: readonly Outcome[];
  readonly services: ForwardServices;
  readonly tally: Tally;
}

/** Counts the messages that are done, and charges their machines. */
export async function book(
  held: readonly HeldMessage[],
  done: ReadonlySet<HeldMessage>,
  { prepared, outcomes, services, tally }: Settlement,
): Promise<void> {
  const fresh = await findFresh(held, done, outcomes, services);
  let leftOut = 0;
  const arrived: string[] = [];
  held.forEach((message, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined || !done.has(message)) return;
    const { content } = message;
    const isFresh = fresh.has(message);
    tally.addAll(content.sums);
    if (content.events.some(({ distinct_id }) => services.canaries.machines.has(distinct_id))) {
      tally.add('canary_arrived', isTaken(outcome) ? 1 : 0);
      if (isTaken(outcome)) arrived.push(...content.events.map(({ uuid }) => uuid));
    }
    tally.add('over_allowance', prepared.overAllowance[index]);
    tally.add('sampled_out', prepared.posthog?.sampledOut[index]);
    const over = prepared.posthog?.overBudget[index] ?? 0;
    const overStore = prepared.d1?.overBudget[index] ?? 0;
    tally.add('over_budget', over);
    tally.add('over_store_budget', overStore);
    leftOut += over + overStore;
    if (!isFresh) {
      tally.add('resent', content.events.length);
      return;
    }
    const { fates, stored } = outcome;
    tally.add('forwarded', fates.filter((fate) => fate === 'accepted').length);
    tally.add('refused_by_sink', fates.filter((fate) => fate === 'refused').length);
    const kept = prepared.d1?.events[index]?.length ?? 0;
    if (stored === 'stored') tally.add('stored', kept);
    if (stored === 'refused') tally.add('refused_by_store', kept);
  });
  if (leftOut > 0) logReason('over_budget', leftOut);
  await signCanaries(arrived, services);
  try {
    await services.allowances.charge([...fresh].map(({ content }) => content));
  } catch {
    // The messages are settled; a machine has so much more of its allowance.
    logReason('store_unavailable');
  }
}

/** Notes when the canaries that arrived were sent: one that was long on its way is no sign of health. */
async function signCanaries(
  uuids: readonly string[],
  { canaries, account }: ForwardServices,
): Promise<void> {
  try {
    for (const uuid of uuids) {
      const sent = canaries.sent.get(uuid);
      if (sent === undefined) continue;
      await account.sign(sent.way === 'inside' ? 'canary_arrived' : 'canary_crossed', sent.at);
    }
  } catch {
    logReason('store_unavailable');
  }
}

/** Whether every sink that was asked has all of a message. */
function isTaken({ fates, stored }: Outcome): boolean {
  return fates.every((fate) => fate === 'accepted') && stored !== 'refused';
}

/** Those that come for the first time: a resend is told apart, so that sums can be reconciled. */
async function findFresh(
  held: readonly HeldMessage[],
  done: ReadonlySet<HeldMessage>,
  outcomes: readonly Outcome[],
  { bookReports }: ForwardServices,
): Promise<ReadonlySet<HeldMessage>> {
  const settled = held.filter((message) => done.has(message));
  // One of which nothing went anywhere must not cost a row.
  const unasked = settled.filter((message) => {
    const outcome = outcomes[held.indexOf(message)];
    return outcome?.stored === undefined && (outcome?.fates.length ?? 0) > 0;
  });
  let booked: ReadonlySet<string>;
  try {
    booked = await bookReports(unasked.map(({ content }) => content.id));
  } catch {
    logReason('store_unavailable');
    booked = new Set(unasked.map(({ content }) => content.id));
  }
  const seen = new Set<string>();
  return new Set(
    settled.filter((message) => {
      const { stored, fates } = outcomes[held.indexOf(message)] ?? {};
      if (stored !== undefined) return stored !== 'resent';
      if (fates === undefined || fates.length === 0) return true;
      const { id } = message.content;
      const isFirst = booked.has(id) && !seen.has(id);
      seen.add(id);
      return isFirst;
    }),
  );
}
