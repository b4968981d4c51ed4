import { dayOf } from '../../../contract/day.ts';
import type { FrozenEvent, QueueMessage } from '../ingest/message.ts';
import { weekOf, type Period } from '../statistics/period.ts';
import type { Rates, SinkName } from '../statistics/rates.ts';
import type { Arrival, NewcomerGate } from '../statistics/newcomers.ts';
import type { StatisticsStore } from '../statistics/store.ts';
import { placesOf, type Placed } from '../statistics/tally-events.ts';
import type { Canaries } from '../hourly/canary.ts';
import type { AccountStore } from './account-store.ts';
import { afford, type Affordable } from './afford.ts';
import type { HeldMessage } from './held.ts';
import type { AllowanceStore } from './allowance.ts';
import type { Budget } from './budget.ts';
import type { Sink } from './posthog.ts';
import type { RetryPolicy } from './retry-delay.ts';

/** What step 10 needs of the world. At least one of `posthog` and `statistics` is there. */
export interface ForwardServices {
  readonly posthog?: Sink;
  readonly statistics?: StatisticsStore;
  /** With `statistics`, who of the new machines may be counted. */
  readonly newcomers?: NewcomerGate;
  readonly account: AccountStore;
  readonly allowances: AllowanceStore;
  readonly budgets: Readonly<Record<SinkName, Budget>>;
  /** The rates of these periods at a sink, fixed for good where they were not. */
  readonly readRates: (sink: SinkName, periods: readonly Period[]) => Promise<Rates>;
  /** Books reports by id; resolves with those that were not booked before. */
  readonly bookReports: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly retry: RetryPolicy;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly canaries: Canaries;
}

export type SinkShare = Affordable;

/** What each sink gets of a batch; undefined for a sink that is not there. */
export interface Prepared {
  readonly posthog?: SinkShare;
  readonly d1?: SinkShare;
  readonly rates: { readonly d1: Rates };
  /** For each message, whether its machine is new. What is held goes to no sink. */
  readonly arrivals: readonly Arrival[];
  /** For each message, its events beyond what its machine may send in a day. */
  readonly overAllowance: readonly number[];
}

/** @throws Error when the database does not answer: then nothing may be sent. */
export async function prepare(
  held: readonly HeldMessage[],
  services: ForwardServices,
): Promise<Prepared> {
  const { posthog, statistics, newcomers, account, allowances } = services;
  const { budgets, readRates, canaries, now } = services;
  const messages = held.map(({ content }) => content);
  const allowed = await allowances.cut(messages);
  const overAllowance = messages.map(
    ({ events }, at) => events.length - (allowed[at]?.length ?? 0),
  );
  const within = messages.map((message, at) => ({ ...message, events: allowed[at] ?? [] }));
  const storeRates =
    statistics === undefined ? new Map() : await readRates('d1', periodsOf(within, placesOf));
  // What was held up by an outage comes all at once afterwards, and is no flood.
  const arriving = within.map((message, at) =>
    (held[at]?.delivered.attempts ?? 1) > 1 ? { ...message, events: [] } : message,
  );
  const arrivals = (await newcomers?.look(arriving, storeRates)) ?? [];
  const admitted = within.map((message, at) =>
    arrivals[at] === 'held' ? { ...message, events: [] } : message,
  );
  const share = (sink: SinkName, rates: Rates, places: typeof placesOf): Promise<SinkShare> => {
    const terms = { budget: budgets[sink], account, now, canaryIds: canaries.machines };
    return afford(admitted, { ...terms, sink, rates, placesOf: places });
  };
  return {
    ...(statistics === undefined ? {} : { d1: await share('d1', storeRates, placesOf) }),
    ...(posthog === undefined
      ? {}
      : {
          posthog: await share(
            'posthog',
            await readRates('posthog', periodsOf(admitted, weekPlaceOf)),
            weekPlaceOf,
          ),
        }),
    rates: { d1: storeRates },
    arrivals,
    overAllowance,
  };
}

/** At PostHog an event counts in its week alone. */
function weekPlaceOf(
  { timestamp, distinct_id }: FrozenEvent,
  weeks: QueueMessage['weeks'],
): readonly Placed[] {
  const week = weekOf(dayOf(Date.parse(timestamp)));
  return [{ period: week, machine: weeks[week] ?? distinct_id }];
}

function periodsOf(messages: readonly QueueMessage[], places: typeof placesOf): readonly Period[] {
  const all = messages.flatMap(({ events, weeks }) =>
    events.flatMap((event) => places(event, weeks).map(({ period }) => period)),
  );
  return [...new Set(all)];
}
