import { expect, it, test } from 'vitest';
import { emptyLedger, formatLedger } from './ledger.ts';
import { backoffMaxMs } from './limits.ts';
import { waitMsIn } from './wait.ts';

const now = Date.parse('2026-11-22T12:00:00.000Z');

function ledgerUntil(instant: number | null, body = '{}'): string {
  const ledger = emptyLedger();
  ledger.reports = [{ batch_id: 'a', day: '2026-11-21', sent_at: null, body }];
  ledger.sending.not_before = instant === null ? null : new Date(instant).toISOString();
  return formatLedger(ledger);
}

test.each<[what: string, text: string, ms: number]>([
  ['that waits', ledgerUntil(now + 90_000), 90_000],
  ['that need not wait', ledgerUntil(null), 0],
  ['whose wait is over', ledgerUntil(now - 1), 0],
  ['whose wait a clock ahead of its time has booked', ledgerUntil(now + backoffMaxMs + 1), 0],
  ['that is torn', ledgerUntil(now + 90_000).slice(0, 100), 0],
  ['that is empty', '', 0],
])('finds the wait of a ledger %s', (_, text, ms) => {
  expect(waitMsIn(text, now)).toBe(ms);
});

it('does not take words in a report for the wait', () => {
  const body = '{"not_before": "2026-11-22T13:00:00.000Z"}';
  expect(waitMsIn(ledgerUntil(now + 90_000, body), now)).toBe(90_000);
});
