import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { brakeRate, overBudget, periodsAt } from './budget.ts';
import { isInSample, rateWithin } from './sample.ts';

const budget = { hourly: 100, daily: 1_000 };

test.each([
  ['nothing spent', { hour: 0, day: 0 }, 1],
  ['four fifths of the hour', { hour: 80, day: 80 }, 1],
  ['half of the last fifth', { hour: 90, day: 90 }, 1 / 2],
  ['three quarters of it', { hour: 95, day: 95 }, 1 / 4],
  ['nearly all of the day in a quiet hour', { hour: 0, day: 999 }, 2 ** -8],
  ['the hour spent', { hour: 100, day: 100 }, 0],
  ['more than that', { hour: 0, day: 1_200 }, 0],
])('%s', (_, spending, rate) => {
  expect(brakeRate(spending, budget)).toBe(rate);
});

it('brakes harder the more is spent', () => {
  const spent = Array.from({ length: 200 }, (_, hour) => brakeRate({ hour, day: 0 }, budget));
  expect(spent).toEqual(spent.toSorted((one, other) => other - one));
});

it('never grants more than there is, however consumers interleave', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 }), (wants) => {
      let booked = 0;
      let granted = 0;
      for (const wanted of wants) {
        booked += wanted;
        const over = overBudget({ hour: booked, day: booked }, wanted, budget);
        booked -= over;
        granted += wanted - over;
      }
      expect(granted).toBeLessThanOrEqual(budget.hourly);
      expect(granted).toBe(
        Math.min(
          budget.hourly,
          wants.reduce((sum, want) => sum + want, 0),
        ),
      );
    }),
  );
});

it('takes a machine into every sample that is larger than one that it is in', () => {
  const machines = Array.from(
    { length: 1_000 },
    (_, index) =>
      `${(index * 4_294_967).toString(16).padStart(8, '0')}-0000-8000-8000-000000000000`,
  );
  const inTenth = machines.filter((machine) => isInSample(machine, 0.1));
  expect(inTenth.length).toBeGreaterThan(90);
  expect(inTenth.length).toBeLessThan(110);
  expect(inTenth.every((machine) => isInSample(machine, 0.2))).toBe(true);
  expect(machines.filter((machine) => isInSample(machine, 0))).toEqual([]);
  expect(machines.every((machine) => isInSample(machine, 1))).toBe(true);
});

test.each([
  [0, 100, 1],
  [100, 100, 1],
  [101, 100, 1 / 2],
  [10_000_000, 200_000, 1 / 64],
])('of %i expected, a bound of %i leaves %f', (expected, bound, rate) => {
  expect(rateWithin(expected, bound)).toBe(rate);
});

it('names periods in UTC', () => {
  expect(periodsAt(Date.parse('2026-11-23T23:59:59Z'))).toEqual({
    day: '2026-11-23',
    hour: '2026-11-23T23',
  });
});
