import * as limits from '../../contract/limits.ts';
import { table } from './markdown.ts';
import { formatLimit } from './quantities.ts';
import { readNotes } from './source-notes.ts';

// Those that a user can notice. The others bound what only the code sees.
const concerns = {
  noticeWaitMs: 'From the notice to the first report',
  consentMaxAgeMs: 'Until a running process sees that it was turned off',
  persistIntervalMs: 'Between two writes of a process that goes on',
  maxDistinctCounters: 'Counters of one process, the rest count as `other`',
  maxEventsPerFrame: 'Lifecycle events of one process between two writes',
  maxBufferBytes: 'Size of the buffer',
  maxLedgerBytes: 'Size of the ledger',
  maxCountersPerDay: 'Totals of one day',
  maxAgeDays: 'Age of what may still be sent',
  maxFutureDays: 'How far ahead of the clock a day may be',
  maxEventsPerReport: 'Events in a report',
  maxReportBytes: 'Size of a report',
  maxReportsPerFlush: 'Reports in one flush',
  commandFlushDeadlineMs: 'Sending in one flush, unless the host asks for more',
  serverFlushDeadlineMs: 'Sending in one flush of a server',
  lifecycleWaitMs: 'How long `init` and `index` may stay for their event',
  backoffBaseMs: 'First wait after a failure, doubled each time',
  backoffMaxMs: 'Longest wait after a failure',
  attemptHoldMs: 'Between two attempts when a process ended in the middle of one',
  maxReceipts: 'Receipts',
  maxReceiptsBytes: 'Size of all receipts',
  lockStaleMs: 'Until a flusher that died no longer blocks the next',
  sandboxMemoryBytes: 'Memory of the sandbox',
  sandboxDeadlineMs: 'Time of one call into the sandbox',
  maxChoiceFileBytes: 'Size of a choice file that is read',
} as const satisfies { readonly [Name in keyof typeof limits]?: string };

/**
 * The limits that concern a user, each with the reason that the contract gives for it.
 *
 * @throws Error when the contract gives none.
 */
export function describeLimits(): string {
  const notes = readNotes('contract/limits.ts');
  const values = new Map(Object.entries(limits));
  const rows = Object.entries(concerns).map(([name, what]) => {
    const [value, reason] = [values.get(name), notes.get(name)];
    if (value === undefined || !reason) throw new Error(`limits.ts: ${name} has no reason`);
    return [what, formatLimit(name, value), reason];
  });
  return table(['What', 'Limit', 'Reason'], rows);
}
