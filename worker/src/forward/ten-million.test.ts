import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { randomOf } from '../../test/random.ts';
import { emptyDatabase } from '../../test/statistics.ts';
import type { FrozenEvent, QueueMessage } from '../ingest/message.ts';
import { makePublished } from '../statistics/publish.ts';
import { planForwarded, planStored, readRates, type SinkName } from '../statistics/rates.ts';
import { publicRules, shareOf } from '../statistics/rules.ts';
import { afford } from './afford.ts';
import type { AccountStore } from './account-store.ts';
import type { Budget, Spending } from './budget.ts';
import { isInSample } from './sample.ts';

beforeEach(emptyDatabase);

const machines = 10_000_000;
const machinesOfWeek = 15_000_000;
const eventsOfMachine = 10;
const week = '2026-W47';
const monday = Date.parse('2026-11-16T00:00:00Z');

// As in wrangler.jsonc.
const budgets: Readonly<Record<SinkName, Budget>> = {
  posthog: { hourly: env.HOURLY_EVENT_BUDGET, daily: env.DAILY_EVENT_BUDGET },
  d1: { hourly: env.HOURLY_STORE_BUDGET, daily: env.DAILY_STORE_BUDGET },
};

// Europe's and America's working hours together: the fullest hour has three times the emptiest.
const hourly = Array.from(
  { length: 24 },
  (_, hour) => 1 + 0.5 * Math.sin(((hour - 9) * Math.PI) / 12),
);

/** What the week before leaves behind: the rates of this one come from it, by the code that plans them. */
async function readPlannedRates(): Promise<Record<SinkName, number>> {
  await env.DB.batch([
    env.DB.prepare(`INSERT INTO rates VALUES ('d1', '2026-W46', 0.0078125)`),
    env.DB.prepare(
      `INSERT INTO cells VALUES ('2026-W46', 'machines', 'all', ${machinesOfWeek / 128}, 0, 0, 0)`,
    ),
    env.DB.prepare(`INSERT INTO sums VALUES ('2026-11-15', 'kept', ${machines * eventsOfMachine})`),
  ]);
  const plan = async (sink: SinkName): Promise<number> =>
    (
      await readRates(env.DB, sink, [week], (period) =>
        sink === 'd1'
          ? planStored(env.DB, period)
          : planForwarded(env.DB, budgets.posthog.daily, monday),
      )
    ).get(week) ?? 0;
  return { d1: await plan('d1'), posthog: await plan('posthog') };
}

/** An account in memory, and what it holds of each hour. */
function openAccount(): Pick<AccountStore, 'reserve' | 'release'> & {
  readonly hours: ReadonlyMap<number, number>;
} {
  const hours = new Map<number, number>();
  const days = new Map<number, number>();
  const book = async (_: string, events: number, now: number): Promise<Spending> => {
    const [hour, day] = [Math.floor(now / 3_600_000), Math.floor(now / 86_400_000)];
    hours.set(hour, (hours.get(hour) ?? 0) + events);
    days.set(day, (days.get(day) ?? 0) + events);
    return { hour: hours.get(hour) ?? 0, day: days.get(day) ?? 0 };
  };
  return {
    hours,
    reserve: book,
    release: async (sink, events, now) => {
      await book(sink, -events, now);
    },
  };
}

/**
 * The messages of so many machines whose keyed hash is below `least`. Those above are in no sample that is
 * tried here, so they need no message.
 */
function messagesOf(count: number, least: number, next: () => number): readonly QueueMessage[] {
  const below = Math.round(count * least + (next() - 0.5) * Math.sqrt(12 * count * least));
  return Array.from({ length: below }, () => {
    const hash = Math.floor(next() * least * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
    const event: FrozenEvent = {
      event: 'usage_rollup',
      uuid: '',
      distinct_id: `${hash}-0000-8000-8000-000000000000`,
      timestamp: '2026-11-17T12:00:00.000Z',
      properties: {},
    };
    return {
      m: 2,
      id: '',
      weeks: {},
      sums: {},
      events: Array.from({ length: eventsOfMachine }, () => event),
    };
  });
}

/** Events that a sink gets in each hour. */
async function simulate(
  sink: SinkName,
  { days, rate }: { readonly days: number; readonly rate: number },
): Promise<readonly number[]> {
  const next = randomOf(11);
  const account = openAccount();
  for (let hour = 0; hour < 24 * days; hour++) {
    const inHour = (machines / 24) * (hourly[hour % 24] ?? 0);
    // A quarter more than are in the sample: the sample is taken by the code.
    const batch = messagesOf(inHour, 1.25 * rate, next);
    for (let from = 0; from < batch.length; from += 100) {
      await afford(batch.slice(from, from + 100), {
        sink,
        budget: budgets[sink],
        // Only what this step uses of it.
        account: account as unknown as AccountStore,
        now: monday + (hour + 0.5) * 3_600_000,
        rates: new Map([[week, rate]]),
        placesOf: ({ distinct_id }) => [{ period: week, machine: distinct_id }],
        canaryIds: new Set(),
      });
    }
  }
  return [...account.hours.values()];
}

it.each<[SinkName, rate: number]>([
  ['posthog', 1 / 256],
  ['d1', 1 / 128],
])(
  'represents every hour of the day of ten million machines within a twentieth at %s, on the budget',
  async (sink, expected) => {
    const { [sink]: rate } = await readPlannedRates();
    expect(rate).toBe(expected);
    const hours = await simulate(sink, { days: 7, rate });
    expect(hours).toHaveLength(7 * 24);
    for (let hour = 0; hour < 24; hour++) {
      // Over the week: the quietest hour of one day has 800 machines in the sample, and 4 % of chance.
      const events = hours.filter((_, at) => at % 24 === hour).reduce((sum, each) => sum + each, 0);
      const truth = 7 * (machines / 24) * (hourly[hour] ?? 0);
      expect(Math.abs(events / rate / eventsOfMachine / truth - 1)).toBeLessThan(0.05);
    }
    for (let day = 0; day < 7; day++) {
      const spent = hours.slice(24 * day, 24 * day + 24).reduce((sum, events) => sum + events, 0);
      expect(spent).toBeLessThanOrEqual(budgets[sink].daily);
    }
  },
  300_000,
);

it('bounds the bill, and thins out instead of falling silent at once, where no rate was chosen', async () => {
  // As in the first week of all: eight times what there is room for.
  const hours = await simulate('posthog', { days: 1, rate: 1 / 12 });
  expect(hours.reduce((sum, events) => sum + events, 0)).toBeLessThanOrEqual(budgets.posthog.daily);
  expect(Math.max(...hours)).toBeLessThanOrEqual(budgets.posthog.hourly);
  expect(hours.filter((events) => events > 0).length).toBeGreaterThan(5);
}, 120_000);

it('publishes shares of ten million machines a day within half a point', async () => {
  const { d1: rate } = await readPlannedRates();
  const truth = { darwin: 0.45, linux: 0.4, win32: 0.1499, freebsd: 0.0001 };
  const next = randomOf(5);
  const cells = new Map<string, number>();
  const see = (key: string): void => void cells.set(key, (cells.get(key) ?? 0) + 1);
  for (let machine = 0; machine < machinesOfWeek; machine++) {
    const hash = Math.floor(next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
    if (!isInSample(hash, rate)) continue;
    see('machines all');
    let chance = next();
    see(`os ${Object.entries(truth).find(([, share]) => (chance -= share) < 0)?.[0] ?? 'darwin'}`);
  }
  const counted = [...cells].map(([key, count]) => {
    const [metric = '', value = ''] = key.split(' ');
    return { metric, value, machines: count, uses: 0, errors: 0, failing: 0 };
  });
  const counting = { refused: 0, late: 0, held_back: 0, newcomers_held: 0, canary: true };
  const facts = {
    period: week,
    rate,
    published: '',
    isFinal: true,
    machinesBefore: null,
    counting,
  };
  const published = makePublished(counted, facts, publicRules);
  const shown = published.metrics.os?.cells ?? [];
  expect(shown.map(({ value }) => value)).toEqual(['darwin', 'linux', 'win32']);
  for (const { value, machines: own } of shown) {
    const share = shareOf(own, published.machines ?? 0);
    const whole = 100 * truth[value as keyof typeof truth];
    expect([value, Math.abs(share - whole)]).toEqual([
      value,
      expect.toSatisfy((off) => off <= 0.5),
    ]);
  }
}, 120_000);
