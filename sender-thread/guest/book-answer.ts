import { emptyLedger, formatLedger, type Ledger, parseLedger } from '../../contract/ledger.ts';
import type { BookAnswerRequest, BookAnswerResponse } from '../../contract/sandbox.ts';
import { bookAttempt, bookNotArrived, postpone } from './attempt.ts';

/** What the last call has made: the next one of the same flush begins with it, and need not read it. */
let latest: { readonly text: string; readonly ledger: Ledger } | undefined;

/** Books the answer to one report, and the attempt of the next. */
export function bookAnswer(request: BookAnswerRequest): BookAnswerResponse {
  const ledger = takeLedger(request.ledger);
  const { now, result, nextBatchId } = request;
  const outcome = book(ledger, request);
  const reason = 'reason' in result ? result.reason : undefined;
  const at = new Date(now).toISOString();
  ledger.sending.last_flush = { at, outcome, ...(reason !== undefined && { reason }) };
  if (nextBatchId !== undefined) bookAttempt(ledger, nextBatchId, now);
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
      endAttempts(ledger, batchId);
      return 'sent';
    case 'refused':
      endAttempts(ledger, batchId);
      lost.refused_reports += 1;
      return 'refused';
    case 'stopped':
      lost.refused_reports += ledger.reports.length;
      ledger.reports = [];
      endAttempts(ledger, batchId);
      sending.stopped = true;
      return 'stopped';
    case 'unreachable':
      bookNotArrived(ledger, batchId);
      postpone(sending, now, 0, jitter);
      return 'unreachable';
    case 'unanswered':
      postpone(sending, now, 0, jitter);
      return 'unanswered';
    case 'postponed':
      bookNotArrived(ledger, batchId);
      postpone(sending, now, result.retryAfterMs, jitter);
      return 'postponed';
  }
}

/** The endpoint has answered for good: the report goes, and the failures in a row end. */
function endAttempts(ledger: Ledger, batchId: string): void {
  ledger.reports = ledger.reports.filter((report) => report.batch_id !== batchId);
  ledger.sending.failures = 0;
  ledger.sending.not_before = null;
}
