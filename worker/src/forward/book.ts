import type { QueueMessage } from '../ingest/message.ts';
import { logReason } from '../log.ts';
import type { Arrival } from '../statistics/newcomers.ts';
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
  const charged: QueueMessage[] = [];
  const newMachines = new Set<string>();
  held.forEach((message, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined || !done.has(message)) return;
    const { content } = message;
    tally.addAll(content.sums);
    if (content.events.some(({ distinct_id }) => services.canaries.machines.has(distinct_id))) {
      tally.add('canary_arrived', isTaken(outcome) ? 1 : 0);
      if (isTaken(outcome)) arrived.push(...content.events.map(({ uuid }) => uuid));
    }
    tallyArrival(prepared.arrivals[index], content, newMachines, tally);
    leftOut += tallyLeftOut(prepared, index, tally);
    if (!fresh.has(message)) {
      tally.add('resent', content.events.length);
      return;
    }
    if (isAsked(outcome)) charged.push(content);
    tallyFates(outcome, prepared.d1?.events[index]?.length ?? 0, tally);
  });
  if (leftOut > 0) logReason('over_budget', leftOut);
  await signCanaries(arrived, services);
  try {
    await services.allowances.charge(charged);
  } catch {
    // The messages are settled; a machine has so much more of its allowance.
    logReason('store_unavailable');
  }
}

/** A new machine is one, however many of its reports come at once. */
function tallyArrival(
  arrival: Arrival,
  { events: [event] }: QueueMessage,
  newMachines: Set<string>,
  tally: Tally,
): void {
  if (arrival === undefined || event === undefined) return;
  if (arrival === 'known') {
    tally.add('known');
    return;
  }
  if (arrival === 'held') tally.add('newcomers_held');
  if (newMachines.has(event.distinct_id)) return;
  newMachines.add(event.distinct_id);
  tally.add('newcomers');
}

/** Returns the events that the budget has no room for. */
function tallyLeftOut(prepared: Prepared, index: number, tally: Tally): number {
  tally.add('over_allowance', prepared.overAllowance[index] ?? 0);
  tally.add('sampled_out', (prepared.posthog ?? prepared.d1)?.sampledOut[index] ?? 0);
  const over = prepared.posthog?.overBudget[index] ?? 0;
  const overStore = prepared.d1?.overBudget[index] ?? 0;
  tally.add('over_budget', over);
  tally.add('over_store_budget', overStore);
  return over + overStore;
}

function tallyFates({ fates, stored }: Outcome, kept: number, tally: Tally): void {
  tally.add('forwarded', fates.filter((fate) => fate === 'accepted').length);
  tally.add('refused_by_sink', fates.filter((fate) => fate === 'refused').length);
  if (stored === 'stored') tally.add('stored', kept);
  if (stored === 'refused') tally.add('refused_by_store', kept);
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

/** Whether a sink was asked at all. What goes nowhere must not cost a row: most of a flood does. */
function isAsked(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && (outcome.stored !== undefined || outcome.fates.length > 0);
}

/** Those that come for the first time: a resend is told apart, so that sums can be reconciled. */
async function findFresh(
  held: readonly HeldMessage[],
  done: ReadonlySet<HeldMessage>,
  outcomes: readonly Outcome[],
  { bookReports }: ForwardServices,
): Promise<ReadonlySet<HeldMessage>> {
  const settled = held.filter((message) => done.has(message));
  const unasked = settled.filter((message) => {
    const outcome = outcomes[held.indexOf(message)];
    return outcome?.stored === undefined && isAsked(outcome);
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
