import { describe, expect, it, test } from 'vitest';
import { emptyLedger, type Ledger, ledgerAfterDamage } from '../../contract/ledger.ts';
import type { Reporter } from '../../contract/sandbox.ts';
import { dayNamed } from '../../spec/support/frames.ts';
import { machine } from '../../spec/support/requests.ts';
import { Calendar } from './calendar.ts';
import { envelopeOfMonth, forgetIds } from './monthly-id.ts';

/** The ids for what was counted on these days, sealed in turn; `new-n` was offered for the n-th. */
function idsOn(days: readonly string[], inheritedMachineId: string | null = null): string[] {
  const ledger = emptyLedger();
  return days.map((day, index) => {
    const reporter: Reporter = { machine, newMachineIds: [`new-${index}`], inheritedMachineId };
    return envelopeOfMonth(ledger, reporter, dayNamed(day)).machine_id;
  });
}

test.each<[what: string, days: readonly string[], ids: readonly string[]]>([
  ['stays for a month', ['2026-11-01', '2026-11-15', '2026-11-30'], ['new-0', 'new-0', 'new-0']],
  ['is new in a new month', ['2026-11-30', '2026-12-01'], ['new-0', 'new-1']],
  ['is new in a new year', ['2026-12-31', '2027-01-01'], ['new-0', 'new-1']],
  ['is new a year later', ['2026-11-22', '2027-11-22'], ['new-0', 'new-1']],
  [
    'is that of the month of the count, when the last day of a month goes out in the next',
    ['2026-11-29', '2026-12-01', '2026-11-30', '2026-12-02', '2026-11-30'],
    ['new-0', 'new-1', 'new-0', 'new-1', 'new-0'],
  ],
  [
    'is one a month, when three months wait',
    ['2027-01-30', '2027-02-15', '2027-03-01', '2027-01-31', '2027-02-28', '2027-03-01'],
    ['new-0', 'new-1', 'new-2', 'new-0', 'new-1', 'new-2'],
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
  const reporter: Reporter = {
    machine,
    newMachineIds: ['new', 'newer'],
    inheritedMachineId: 'engine',
  };
  expect(envelopeOfMonth(ledger, reporter, dayNamed('2027-01-05')).machine_id).toBe('new');
  expect(envelopeOfMonth(ledger, reporter, dayNamed('2027-01-06')).machine_id).toBe('new');
});

describe('the id of a month', () => {
  const november = { machine_id: 'november', month: '2026-11' };
  const december = { machine_id: 'december', month: '2026-12' };
  const march = { machine_id: 'march', month: '2028-03' };
  const forget = (identity: Ledger['identity'], today: string, flushDays: string[]): unknown => {
    const ledger = { ...emptyLedger(), identity, flush_days: flushDays };
    forgetIds(ledger, new Calendar(ledger, dayNamed(today)));
    return ledger.identity;
  };

  it.each<[what: string, today: string, flushDays: string[], left: unknown]>([
    [
      'is kept while its last day can be sealed',
      '2026-12-30',
      ['2026-12-29'],
      { ...december, earlier: [november] },
    ],
    ['is forgotten when nothing of it can be sealed', '2027-01-02', ['2027-01-01'], december],
    [
      'is kept while one clock alone says that it is over',
      '2028-01-02',
      ['2026-12-29'],
      { ...december, earlier: [november] },
    ],
    [
      'leaves behind that there was one',
      '2028-01-02',
      ['2028-01-01'],
      { machine_id: null, month: '' },
    ],
  ])('%s', (_, today, flushDays, left) => {
    expect(forget({ ...december, earlier: [november] }, today, flushDays)).toEqual(left);
  });

  it('is forgotten when a wrong clock has put it too far ahead', () => {
    const identity = { ...march, earlier: [december] };
    expect(forget(identity, '2026-12-30', ['2026-12-29'])).toEqual(december);
  });

  it('stands beside those of a wrong clock', () => {
    const days = ['2028-01-05', '2028-02-05', '2028-03-05', '2026-12-05', '2026-12-06'];
    expect(idsOn(days).slice(3)).toEqual(['new-3', 'new-3']);
  });
});
