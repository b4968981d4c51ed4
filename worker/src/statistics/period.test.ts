import { expect, it, test } from 'vitest';
import { formatDay } from '../../../contract/day.ts';
import { dayNamed } from '../../test/services.ts';
import { before, isFinal, monthOfWeek, periodsOf, spanOf } from './period.ts';

test.each([
  ['2026-11-22', '2026-W47', '2026-11'],
  ['2026-11-23', '2026-W48', '2026-11'],
  ['2027-01-03', '2026-W53', '2027-01'],
  ['2027-01-04', '2027-W01', '2027-01'],
  ['2024-12-30', '2025-W01', '2024-12'],
])('%s is in %s and in %s', (day, week, month) => {
  expect(periodsOf(dayNamed(day))).toEqual([week, month]);
});

test.each([
  ['2026-W47', '2026-11-16', '2026-11-22', '2026-W46'],
  ['2026-W01', '2025-12-29', '2026-01-04', '2025-W52'],
  ['2026-W53', '2026-12-28', '2027-01-03', '2026-W52'],
  ['2026-02', '2026-02-01', '2026-02-28', '2026-01'],
  ['2026-01', '2026-01-01', '2026-01-31', '2025-12'],
])('%s goes from %s to %s and follows %s', (period, from, to, last) => {
  const span = spanOf(period);
  expect([span?.from ?? 0, span?.to ?? 0].map(formatDay)).toEqual([from, to]);
  expect(before(period)).toBe(last);
});

test.each(['2026-W54', '2025-W53', '2026-W00', '2026-13', '2026', '', '../2026-11'])(
  '%s is no period',
  (text) => {
    expect(spanOf(text)).toBeUndefined();
  },
);

it('gives every day of eight years to the week that holds it', () => {
  for (let day = dayNamed('2020-01-01'); day < dayNamed('2028-01-01'); day++) {
    const [week] = periodsOf(day);
    const span = spanOf(week);
    expect(span !== undefined && span.from <= day && day <= span.to).toBe(true);
  }
});

it('closes a period eight days after its last day', () => {
  expect(isFinal('2026-W47', dayNamed('2026-11-29'))).toBe(false);
  expect(isFinal('2026-W47', dayNamed('2026-11-30'))).toBe(true);
});

it('counts a week under the id of its Thursday', () => {
  expect(monthOfWeek(dayNamed('2026-11-01'))).toBe('2026-10');
  expect(monthOfWeek(dayNamed('2026-10-31'))).toBe('2026-10');
  expect(monthOfWeek(dayNamed('2026-11-30'))).toBe('2026-12');
});
