import type { Ledger } from '../../contract/ledger.ts';
import { backoffBaseMs, backoffMaxMs } from '../../contract/limits.ts';

/**
 * Books the attempt to send a report as failed, before it is made: a process that ends before the
 * answer must not be followed by one that tries again at once. By the whole step, without a draw: the
 * moments at which processes end are spread already.
 */
export function bookAttempt(ledger: Ledger, batchId: string, now: number): void {
  const { sending } = ledger;
  const at = new Date(now).toISOString();
  sending.failures += 1;
  sending.not_before = new Date(now + stepMs(sending.failures)).toISOString();
  sending.last_flush = { at, outcome: 'unanswered' };
  const report = ledger.reports.find(({ batch_id }) => batch_id === batchId);
  if (report !== undefined) report.sent_at ??= at;
}

/** Takes back that it may have arrived, unless an earlier attempt ended without an answer too. */
export function bookNotArrived({ reports, sending }: Ledger, batchId: string): void {
  const report = reports.find(({ batch_id }) => batch_id === batchId);
  if (report !== undefined && report.sent_at === sending.last_flush?.at) report.sent_at = null;
}

/** Half of the step is sure, the other half is drawn: machines that failed together come back apart. */
export function postpone(
  sending: Ledger['sending'],
  now: number,
  leastMs: number,
  jitter: number,
): void {
  const step = stepMs(sending.failures);
  const waitMs = Math.max(leastMs, step / 2 + (step / 2) * jitter);
  sending.not_before = new Date(now + Math.min(backoffMaxMs, waitMs)).toISOString();
}

/** The wait after so many failures in a row. */
function stepMs(failures: number): number {
  return Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(Math.max(0, failures - 1), 20));
}
