import { formatLedger, type Ledger } from '../../contract/ledger.ts';
import { maxLedgerBytes } from '../../contract/limits.ts';
import { countsOf } from './roll-up.ts';

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
      const open = ledger.days[day];
      if (open !== undefined) ledger.lost.no_room += countsOf(open);
      delete ledger.days[day];
    } else {
      return;
    }
  }
}
