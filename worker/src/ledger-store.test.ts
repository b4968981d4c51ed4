import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { openLedgerStore } from './ledger-store.ts';

const ledger = openLedgerStore(env.DB);
const at = (time: string): number => Date.parse(`2026-11-23T${time}Z`);

it('adds up by hour and by day', async () => {
  expect(await ledger.readSpending(at('09:30:00'))).toEqual({ hour: 0, day: 0 });
  await ledger.add(at('09:30:00'), 5, { kept: 5, forwarded: 5 });
  await ledger.add(at('09:59:59'), 7, { kept: 7, forwarded: 7, retried: 1 });
  await ledger.add(at('10:00:00'), 1, {});
  expect(await ledger.readSpending(at('09:00:00'))).toEqual({ hour: 12, day: 13 });
  expect(await ledger.readSpending(at('10:30:00'))).toEqual({ hour: 1, day: 13 });
  expect(await ledger.readSums('2026-11-22')).toEqual(
    new Map([['2026-11-23', { kept: 12, forwarded: 12, retried: 1 }]]),
  );
  expect(await ledger.readSums('2026-11-24')).toEqual(new Map());
});
