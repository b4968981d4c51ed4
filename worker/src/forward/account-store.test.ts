import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { openAccountStore } from './account-store.ts';

const account = openAccountStore(env.DB);
// A day that no other test writes to: they share a database.
const at = (time: string): number => Date.parse(`2031-03-02T${time}Z`);

it('adds up by hour and by day', async () => {
  expect(await account.readSpending(at('09:30:00'))).toEqual({ hour: 0, day: 0 });
  await account.add(at('09:30:00'), 5, { kept: 5, forwarded: 5 });
  await account.add(at('09:59:59'), 7, { kept: 7, forwarded: 7, retried: 1 });
  await account.add(at('10:00:00'), 1, {});
  expect(await account.readSpending(at('09:00:00'))).toEqual({ hour: 12, day: 13 });
  expect(await account.readSpending(at('10:30:00'))).toEqual({ hour: 1, day: 13 });
  expect(await account.readSums('2031-03-01')).toEqual(
    new Map([['2031-03-02', { kept: 12, forwarded: 12, retried: 1 }]]),
  );
  expect(await account.readSums('2031-03-03')).toEqual(new Map());
});
