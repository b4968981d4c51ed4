import { expect, it, test } from 'vitest';
import { eventNumbered } from '../../test/events.ts';
import { periodsAt, sampleEvents, sampleRate } from './budget.ts';

const budget = { hourly: 100, daily: 1_000 };

test.each([
  ['nothing spent', { hour: 0, day: 0 }, 1],
  ['all but one of the hour', { hour: 99, day: 99 }, 1],
  ['the hour spent', { hour: 100, day: 100 }, 0.1],
  ['the day spent in a quiet hour', { hour: 0, day: 1_000 }, 0.1],
  ['a tenth over', { hour: 110, day: 110 }, 0.01],
  ['a fifth over', { hour: 120, day: 120 }, 0],
  ['a fifth over the day', { hour: 0, day: 1_200 }, 0],
])('%s', (_, spending, rate) => {
  expect(sampleRate(spending, budget)).toBe(rate);
});

it('keeps or leaves out a machine with all its events, and says the rate', () => {
  const events = Array.from({ length: 3_000 }, (_, index) => ({
    ...eventNumbered(index),
    // Thousand machines, spread as a hash spreads them.
    distinct_id: `${((index % 1_000) * 4_294_967).toString(16).padStart(8, '0')}-0000-8000-8000-000000000000`,
  }));
  const sampled = sampleEvents(events, 0.1);
  const machines = Map.groupBy(sampled, (event) => event.distinct_id);
  expect([...machines.values()].every((own) => own.length === 3)).toBe(true);
  expect(machines.size).toBeGreaterThan(90);
  expect(machines.size).toBeLessThan(110);
  expect(sampled.every(({ properties }) => properties['sample_rate'] === 0.1)).toBe(true);
  expect(sampleEvents(events, 1)).toBe(events);
  expect(sampleEvents(events, 0)).toEqual([]);
});

it('names periods in UTC', () => {
  expect(periodsAt(Date.parse('2026-11-23T23:59:59Z'))).toEqual({
    day: '2026-11-23',
    hour: '2026-11-23T23',
  });
});
