import { expect, it, test } from 'vitest';
import { emptyLedger, ledgerAfterDamage } from '../../contract/ledger.ts';
import type { Reporter } from '../../contract/sandbox.ts';
import { dayNamed } from '../../spec/support/frames.ts';
import { machine } from '../../spec/support/requests.ts';
import { envelopeOfMonth } from './monthly-id.ts';

/** The ids of one machine on these days in turn; `new-n` is what was offered for the n-th. */
function idsOn(days: readonly string[], inheritedMachineId: string | null = null): string[] {
  const ledger = emptyLedger();
  return days.map((day, index) => {
    const reporter: Reporter = { machine, newMachineId: `new-${index}`, inheritedMachineId };
    return envelopeOfMonth(ledger, reporter, dayNamed(day)).machine_id;
  });
}

test.each<[what: string, days: readonly string[], ids: readonly string[]]>([
  ['stays for a month', ['2026-11-01', '2026-11-15', '2026-11-30'], ['new-0', 'new-0', 'new-0']],
  ['is new in a new month', ['2026-11-30', '2026-12-01'], ['new-0', 'new-1']],
  ['is new in a new year', ['2026-12-31', '2027-01-01'], ['new-0', 'new-1']],
  ['is new a year later', ['2026-11-22', '2027-11-22'], ['new-0', 'new-1']],
  [
    'does not take turns between two clocks at a month’s end',
    ['2026-11-30', '2026-12-01', '2026-11-30', '2026-12-01', '2026-11-30', '2026-12-02'],
    ['new-0', 'new-1', 'new-1', 'new-1', 'new-1', 'new-1'],
  ],
  [
    'is new when a clock was a month ahead',
    ['2026-12-15', '2026-11-15', '2026-11-16'],
    ['new-0', 'new-1', 'new-1'],
  ],
])('the machine’s id %s', (_, days, ids) => {
  expect(idsOn(days)).toEqual(ids);
});

it('begins with the engine’s id, which serves one month and never comes back', () => {
  expect(idsOn(['2026-11-29', '2026-11-30', '2026-12-01', '2027-01-01'], 'engine')).toEqual([
    'engine',
    'engine',
    'new-2',
    'new-3',
  ]);
});

it('never takes the engine’s id again when the ledger that knew of it was damaged', () => {
  const ledger = ledgerAfterDamage();
  const reporter: Reporter = { machine, newMachineId: 'new', inheritedMachineId: 'engine' };
  expect(envelopeOfMonth(ledger, reporter, dayNamed('2027-01-05')).machine_id).toBe('new');
  expect(envelopeOfMonth(ledger, reporter, dayNamed('2027-01-06')).machine_id).toBe('new');
});
