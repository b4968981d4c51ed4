import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { dayOf, endOfDay, formatDay, noonOf, parseDay } from './day.ts';

test.each([
  ['no text', ''],
  ['a word', 'today'],
  ['a month', '2026-11'],
  ['a day that the month has not', '2026-11-31'],
  ['the 29th of February of another year', '2026-02-29'],
  ['a month that is none', '2026-13-01'],
  ['a time', '2026-11-22T00:00:00.000Z'],
  ['slashes', '2026/11/22'],
  ['missing zeros', '2026-1-2'],
  ['a space behind', '2026-11-22 '],
  ['a year of five digits', '12026-11-22'],
])('%s is no day', (_, text) => {
  expect(parseDay(text)).toBeUndefined();
});

test.each([
  ['the first instant', '1970-01-01T00:00:00.000Z', 0],
  ['the last instant of that day', '1970-01-01T23:59:59.999Z', 0],
  ['the next instant', '1970-01-02T00:00:00.000Z', 1],
  ['the instant before', '1969-12-31T23:59:59.999Z', -1],
  ['a leap day', '2028-02-29T12:00:00.000Z', 21_243],
])('%s is in the right day', (_, instant, day) => {
  expect(dayOf(Date.parse(instant))).toBe(day);
});

it('has a text and a noon, and ends where the next begins', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), (day) => {
      expect(parseDay(formatDay(day))).toBe(day);
      expect(noonOf(day)).toBe(`${formatDay(day)}T12:00:00.000Z`);
      expect(dayOf(Date.parse(noonOf(day)))).toBe(day);
      expect(dayOf(endOfDay(day))).toBe(day + 1);
      expect(dayOf(endOfDay(day) - 1)).toBe(day);
    }),
  );
});
