import type { FrozenEvent, QueueMessage } from '../ingest/message.ts';
import type { Rates, SinkName } from '../statistics/rates.ts';
import type { Placed } from '../statistics/tally-events.ts';
import type { AccountStore } from './account-store.ts';
import { brakeRate, overBudget, type Budget } from './budget.ts';
import { isInSample } from './sample.ts';

/** What one sink gets of a batch. */
export interface Affordable {
  /** For each message, in order. */
  readonly events: readonly (readonly FrozenEvent[])[];
  /** For each message, its events of machines that are in no period's sample. */
  readonly sampledOut: readonly number[];
  /** For each message, its events that the brake held back. */
  readonly overBudget: readonly number[];
  /** What is booked for them. */
  readonly reserved: number;
}

interface SinkTerms {
  readonly sink: SinkName;
  readonly budget: Budget;
  readonly account: AccountStore;
  readonly now: number;
  /** The periods that an event counts in at this sink, with who its machine is there. */
  readonly placesOf: (event: FrozenEvent, weeks: QueueMessage['weeks']) => readonly Placed[];
  readonly rates: Rates;
  /** Who is in every sample: the ingest itself. */
  readonly canaryIds: ReadonlySet<string>;
}

/**
 * Picks the events that a sink can have: of machines in the sample of a period, as far as the hour and
 * the day have room. They are booked when this resolves.
 *
 * @throws Error when the database does not book them: then nothing may be sent.
 */
export async function afford(
  messages: readonly QueueMessage[],
  { sink, budget, account, now, placesOf, rates, canaryIds }: SinkTerms,
): Promise<Affordable> {
  const isIn = (machine: string, rate: number): boolean =>
    isInSample(machine, rate) || canaryIds.has(machine);
  const all = messages.map(({ events, weeks }) =>
    events.flatMap((event) => {
      const places = placesOf(event, weeks)
        .map(({ period, machine }) => ({ machine, rate: rates.get(period) ?? 1 }))
        .filter(({ machine, rate }) => isIn(machine, rate));
      return places.length === 0 ? [] : [{ event, places }];
    }),
  );
  const wanted = countAll(all);
  const sampledOut = messages.map(({ events }, at) => events.length - (all[at]?.length ?? 0));
  if (wanted === 0) {
    return { events: all.map(() => []), sampledOut, overBudget: all.map(() => 0), reserved: 0 };
  }
  const booked = await account.reserve(sink, wanted, now);
  const before = { hour: booked.hour - wanted, day: booked.day - wanted };
  const brake = brakeRate(before, budget);
  const braked = all.map((own) =>
    own.filter(({ places }) => places.some(({ machine, rate }) => isIn(machine, rate * brake))),
  );
  const left = countAll(braked);
  const after = { hour: before.hour + left, day: before.day + left };
  let room = left - overBudget(after, left, budget);
  const reserved = room;
  const events = braked.map((own) => {
    const kept = own.slice(0, room);
    room -= kept.length;
    return kept.map(({ event, places: [first] }) => weigh(event, (first?.rate ?? 1) * brake));
  });
  await account.release(sink, wanted - reserved, now);
  const held = all.map((own, at) => own.length - (events[at]?.length ?? 0));
  return { events, sampledOut, overBudget: held, reserved };
}

/** Puts the rate on an event, so that sums can be scaled. */
function weigh(event: FrozenEvent, rate: number): FrozenEvent {
  return rate === 1 ? event : { ...event, properties: { ...event.properties, sample_rate: rate } };
}

function countAll(lists: readonly (readonly unknown[])[]): number {
  return lists.reduce((sum, list) => sum + list.length, 0);
}
