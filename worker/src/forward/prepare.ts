import { dayOf } from '../../../contract/day.ts';
import type { QueueMessage } from '../ingest/message.ts';
import { weekOf, type Period } from '../statistics/period.ts';
import type { Rates, SinkName } from '../statistics/rates.ts';
import type { StatisticsStore } from '../statistics/store.ts';
import { placesOf } from '../statistics/tally-events.ts';
import type { Canaries } from '../hourly/canary.ts';
import type { AccountStore } from './account-store.ts';
import { afford, type Affordable } from './afford.ts';
import type { AllowanceStore } from './allowance.ts';
import type { Budget } from './budget.ts';
import type { Sink } from './posthog.ts';
import type { RetryPolicy } from './retry-delay.ts';

/** What step 10 needs of the world. At least one of `posthog` and `statistics` is there. */
export interface ForwardServices {
  readonly posthog?: Sink;
  readonly statistics?: StatisticsStore;
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
  /** For each message, its events beyond what its machine may send in a day. */
  readonly overAllowance: readonly number[];
}

/** @throws Error when the database does not answer: then nothing may be sent. */
export async function prepare(
  messages: readonly QueueMessage[],
  services: ForwardServices,
): Promise<Prepared> {
  const { posthog, statistics, account, allowances, budgets, readRates, canaries, now } = services;
  const allowed = await allowances.cut(messages);
  const within = messages.map((message, index) => ({ ...message, events: allowed[index] ?? [] }));
  const overAllowance = messages.map(
    ({ events }, at) => events.length - (allowed[at]?.length ?? 0),
  );
  const share = async (sink: SinkName, places: typeof placesOf): Promise<[SinkShare, Rates]> => {
    const rates = await readRates(sink, periodsOf(within, places));
    const terms = { budget: budgets[sink], account, now, canaryIds: canaries.machines };
    return [await afford(within, { ...terms, sink, rates, placesOf: places }), rates];
  };
  const [stored, storeRates] = statistics === undefined ? [] : await share('d1', placesOf);
  const [forwarded] =
    posthog === undefined
      ? []
      : await share('posthog', (event, weeks) => {
          const week = weekOf(dayOf(Date.parse(event.timestamp)));
          return [{ period: week, machine: weeks[week] ?? event.distinct_id }];
        });
  return {
    ...(forwarded === undefined ? {} : { posthog: forwarded }),
    ...(stored === undefined ? {} : { d1: stored }),
    rates: { d1: storeRates ?? new Map() },
    overAllowance,
  };
}

function periodsOf(messages: readonly QueueMessage[], places: typeof placesOf): readonly Period[] {
  const all = messages.flatMap(({ events, weeks }) =>
    events.flatMap((event) => places(event, weeks).map(({ period }) => period)),
  );
  return [...new Set(all)];
}
