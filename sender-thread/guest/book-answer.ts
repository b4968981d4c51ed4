import { emptyLedger, formatLedger, type Ledger, parseLedger } from '../../contract/ledger.ts';
import { backoffBaseMs, backoffMaxMs } from '../../contract/limits.ts';
import type { BookAnswerRequest, BookAnswerResponse } from '../../contract/sandbox.ts';

/** What the last call has made: the next one of the same flush begins with it, and need not read it. */
let latest: { readonly text: string; readonly ledger: Ledger } | undefined;

/** Books the answer to one report. */
export function bookAnswer(request: BookAnswerRequest): BookAnswerResponse {
  const ledger = takeLedger(request.ledger);
  const outcome = book(ledger, request);
  ledger.sending.last_flush = { at: new Date(request.now).toISOString(), outcome };
  const text = formatLedger(ledger);
  latest = { text, ledger };
  return { ledger: text };
}

function takeLedger(text: string): Ledger {
  const known = latest;
  latest = undefined;
  return known?.text === text ? known.ledger : (parseLedger(text) ?? emptyLedger());
}

type Outcome = NonNullable<Ledger['sending']['last_flush']>['outcome'];

function book(ledger: Ledger, { batchId, result, now, jitter }: BookAnswerRequest): Outcome {
  const { sending, lost } = ledger;
  switch (result.kind) {
    case 'accepted':
      removeReport(ledger, batchId);
      sending.failures = 0;
      sending.not_before = null;
      return 'sent';
    case 'refused':
      removeReport(ledger, batchId);
      lost.refused_reports += 1;
      sending.not_before = null;
      return 'refused';
    case 'stopped':
      lost.refused_reports += ledger.reports.length;
      ledger.reports = [];
      sending.stopped = true;
      return 'stopped';
    case 'unreachable':
      postpone(sending, now, 0, jitter);
      return 'unreachable';
    case 'postponed':
      postpone(sending, now, result.retryAfterMs, jitter);
      return 'postponed';
  }
}

function removeReport(ledger: Ledger, batchId: string): void {
  ledger.reports = ledger.reports.filter((report) => report.batch_id !== batchId);
}

/** Half of the step is sure, the other half is drawn: machines that failed together come back apart. */
function postpone(sending: Ledger['sending'], now: number, leastMs: number, jitter: number): void {
  sending.failures += 1;
  const stepMs = Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(sending.failures - 1, 20));
  const waitMs = Math.max(leastMs, stepMs / 2 + (stepMs / 2) * jitter);
  sending.not_before = new Date(now + Math.min(backoffMaxMs, waitMs)).toISOString();
}
