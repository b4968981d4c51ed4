import { expect, it, test } from 'vitest';
import { formatDay } from '../../contract/day.ts';
import { emptyLedger, formatLedger, type Ledger } from '../../contract/ledger.ts';
import { maxLedgerBytes } from '../../contract/limits.ts';
import { shedOldest } from './shed.ts';

const today = 20_780;
const usage = { kind: 'cli_command', name: 'query', count: 2, error_count: 0 } as const;

/** A ledger with so many open days and so many reports, one of each a day, all of them long. */
function ledgerOf(days: number, reports: number): Ledger {
  const ledger = emptyLedger();
  for (let age = 1; age <= days; age++) {
    ledger.days[formatDay(today - age)] = {
      usage: Array.from({ length: 600 }, () => usage),
      events: [],
    };
  }
  for (let age = reports; age >= 1; age--) {
    const report = {
      batch_id: `${age}`,
      day: formatDay(today - age),
      sent_at: null,
      body: 'x'.repeat(60_000),
    };
    ledger.reports.push(report);
  }
  return ledger;
}

test.each([
  ['a ledger with nothing in it', 0, 0],
  ['a ledger that is almost full', 5, 8],
])('leaves %s as it is', (_, days, reports) => {
  const ledger = ledgerOf(days, reports);
  const before = structuredClone(ledger);
  shedOldest(ledger);
  expect(ledger).toEqual(before);
});

test.each<[what: string, days: number, reports: number]>([
  ['many days', 30, 0],
  ['many reports', 0, 30],
  ['both', 30, 30],
])('sheds the oldest of %s, and says how much', (_, days, reports) => {
  const ledger = ledgerOf(days, reports);
  shedOldest(ledger);
  expect(formatLedger(ledger).length).toBeLessThan(maxLedgerBytes);
  const keptDays = Object.keys(ledger.days).toSorted().toReversed();
  expect(keptDays).toEqual(Array.from(keptDays, (_day, index) => formatDay(today - 1 - index)));
  expect(ledger.reports.map(({ day }) => day).toReversed()).toEqual(
    Array.from(ledger.reports, (_report, index) => formatDay(today - 1 - index)),
  );
  expect(keptDays.length + ledger.reports.length).toBeGreaterThan(8);
  expect(ledger.lost.no_room).toBe((days - keptDays.length) * 600 * 2);
  expect(ledger.lost.expired_reports).toBe(reports - ledger.reports.length);
});

it('comes to an end when there is nothing left to shed', () => {
  const ledger = emptyLedger();
  ledger.claims = { [`claim-${'x'.repeat(maxLedgerBytes)}`]: 1 };
  shedOldest(ledger);
  expect(Object.keys(ledger.claims)).toHaveLength(1);
});
