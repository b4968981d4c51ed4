import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { bookReports, openAccountStore } from './account-store.ts';

const account = openAccountStore(env.DB);
// A day that no other test writes to: they share a database.
const at = (time: string): number => Date.parse(`2031-03-02T${time}Z`);

it('books by sink, by hour and by day, before anything is sent', async () => {
  expect(await account.readSpending('posthog', at('09:30:00'))).toEqual({ hour: 0, day: 0 });
  expect(await account.reserve('posthog', 5, at('09:30:00'))).toEqual({ hour: 5, day: 5 });
  expect(await account.reserve('posthog', 7, at('09:59:59'))).toEqual({ hour: 12, day: 12 });
  expect(await account.reserve('posthog', 1, at('10:00:00'))).toEqual({ hour: 1, day: 13 });
  await account.release('posthog', 4, at('09:59:59'));
  expect(await account.readSpending('posthog', at('10:30:00'))).toEqual({ hour: 1, day: 9 });
  expect(await account.readSpending('d1', at('10:30:00'))).toEqual({ hour: 0, day: 0 });
});

it('adds up what was counted by the day', async () => {
  await account.add(at('09:30:00'), { kept: 5, forwarded: 5 });
  await account.add(at('09:59:59'), { kept: 7, forwarded: 7, retried: 1 });
  expect(await account.readSums('2031-03-01')).toEqual(
    new Map([['2031-03-02', { kept: 12, forwarded: 12, retried: 1 }]]),
  );
  expect(await account.readSums('2031-03-03')).toEqual(new Map());
});

it('knows a report that it has booked', async () => {
  const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
  expect(await bookReports(env.DB, [one], at('09:30:00'))).toEqual(new Set([one]));
  expect(await bookReports(env.DB, [one, other], at('09:30:00'))).toEqual(new Set([other]));
});

it('remembers the last time of a sign', async () => {
  await account.sign('canary_arrived', at('10:00:00'));
  await account.sign('canary_arrived', at('09:00:00'));
  expect((await account.readSigns()).get('canary_arrived')).toEqual({
    at: at('10:00:00'),
    value: 0,
  });
});
