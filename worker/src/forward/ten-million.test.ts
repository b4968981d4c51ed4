import { expect, it } from 'vitest';
import { randomOf } from '../../test/hostile.ts';
import { maxMachinesPerPeriod } from '../limits.ts';
import { shareOf } from '../statistics/rules.ts';
import { afford } from './afford.ts';
import type { AccountStore } from './account-store.ts';
import type { Spending } from './budget.ts';
import type { FrozenEvent, QueueMessage } from '../ingest/message.ts';
import { isInSample, rateWithin } from './sample.ts';

const budget = { hourly: 200_000, daily: 1_000_000 };
const machines = 10_000_000;
const eventsOfMachine = 10;

/** An account that keeps hours and days apart, and what was granted in each hour. */
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

/** So many machines, as their keyed hashes fall; only those that are in some sample need a message. */
function messagesOf(count: number, rate: number, next: () => number): readonly QueueMessage[] {
  const inSample = Math.round(count * rate + (next() - 0.5) * Math.sqrt(count * rate));
  return Array.from({ length: inSample }, () => {
    const hash = Math.floor(next() * rate * 2 ** 32)
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

async function simulate(days: number, rate: number): Promise<readonly number[]> {
  const next = randomOf(11);
  const account = openAccount();
  const period = '2026-W47';
  for (let hour = 0; hour < 24 * days; hour++) {
    // In each hour as many machines as in any other: what is kept of it must be alike as well.
    const batch = messagesOf(machines / 24, rate, next);
    for (let from = 0; from < batch.length; from += 100) {
      await afford(batch.slice(from, from + 100), {
        sink: 'posthog',
        budget,
        // Only what this step uses of it.
        account: account as unknown as AccountStore,
        now: Date.parse('2026-11-16T00:30:00Z') + hour * 3_600_000,
        rates: new Map([[period, rate]]),
        placesOf: ({ distinct_id }) => [{ period, machine: distinct_id }],
        canaryIds: new Set(),
      });
    }
  }
  return [...account.hours.values()];
}

it('represents every hour of ten million machines a day within a twentieth, on the budget', async () => {
  const rate = rateWithin(machines * eventsOfMachine, 0.6 * budget.daily);
  expect(rate).toBe(1 / 256);
  const hours = await simulate(7, rate);
  expect(hours).toHaveLength(7 * 24);
  const mean = hours.reduce((sum, events) => sum + events, 0) / hours.length;
  for (const events of hours) expect(Math.abs(events / mean - 1)).toBeLessThan(0.05);
  for (let day = 0; day < 7; day++) {
    const spent = hours.slice(24 * day, 24 * day + 24).reduce((sum, events) => sum + events, 0);
    expect(spent).toBeLessThanOrEqual(budget.daily);
  }
}, 120_000);

it('bounds the bill, and thins out instead of falling silent at once, where no rate was chosen', async () => {
  // As in the first week of all: eight times what there is room for.
  const hours = await simulate(1, 1 / 12);
  expect(hours.reduce((sum, events) => sum + events, 0)).toBeLessThanOrEqual(budget.daily);
  expect(Math.max(...hours)).toBeLessThanOrEqual(budget.hourly);
  expect(hours.filter((events) => events > 0).length).toBeGreaterThan(5);
}, 120_000);

it('knows shares of ten million machines to half a point', () => {
  const rate = rateWithin(1.5 * machines, maxMachinesPerPeriod);
  const next = randomOf(5);
  const counts = { all: 0, half: 0, tenth: 0, hundredth: 0 };
  for (let machine = 0; machine < machines; machine++) {
    const hash = Math.floor(next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
    if (!isInSample(hash, rate)) continue;
    counts.all += 1;
    const kind = next();
    if (kind < 0.5) counts.half += 1;
    if (kind < 0.1) counts.tenth += 1;
    if (kind < 0.01) counts.hundredth += 1;
  }
  expect(counts.all).toBeGreaterThan(70_000);
  const share = (count: number): number => (100 * count) / counts.all;
  expect(Math.abs(share(counts.half) - 50)).toBeLessThan(0.5);
  expect(Math.abs(share(counts.tenth) - 10)).toBeLessThan(0.5);
  expect(Math.abs(share(counts.hundredth) - 1)).toBeLessThan(0.5);
  expect(shareOf(counts.half, counts.all)).toBe(50);
}, 60_000);
