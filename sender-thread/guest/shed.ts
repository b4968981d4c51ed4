import { formatLedger, type Ledger } from '../../contract/ledger.ts';
import { maxLedgerBytes } from '../../contract/limits.ts';

// What booking an answer or a time can add to the text afterwards.
const spareBytes = 1_024;

/**
 * Drops what is oldest, days and reports alike, until the ledger is one that the next flush will
 * read: a longer one would be set aside as damaged, with everything in it.
 */
export function shedOldest(ledger: Ledger): void {
  // Names and numbers are ASCII by the allowlist, so characters are bytes.
  while (formatLedger(ledger).length > maxLedgerBytes - spareBytes) {
    const [day] = Object.keys(ledger.days).toSorted();
    const [report] = ledger.reports;
    if (report !== undefined && (day === undefined || report.day <= day)) {
      ledger.reports.shift();
      ledger.lost.expired_reports += 1;
    } else if (day !== undefined) {
      ledger.lost.no_room += countsOf(ledger, day);
      delete ledger.days[day];
    } else {
      return;
    }
  }
}

function countsOf({ days }: Ledger, day: string): number {
  const { usage = [], events = [] } = days[day] ?? {};
  return usage.reduce((sum, { count }) => sum + count, events.length);
}
