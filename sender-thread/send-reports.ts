import files from 'node:fs';
import { decideConsent, maySend } from '../contract/consent.ts';
import type { FlushResult, FlushTask } from '../contract/flush.ts';
import type { AbsorbResponse, OutgoingReport, SendResult } from '../contract/sandbox.ts';
import { keepReceipt, stageLedger } from './ledger.ts';
import { FlushLost, type Lock } from './lock.ts';
import { Sandbox, type SandboxImage } from './sandbox.ts';
import { send } from './send.ts';

/**
 * Sends the reports one by one, under one deadline, asking for consent before each. Every answer is
 * in the ledger before the next report goes. Stops at the first that is not taken.
 */
export async function sendReports(
  image: SandboxImage,
  endpoint: URL,
  task: FlushTask,
  lock: Lock,
  absorbed: AbsorbResponse,
): Promise<FlushResult> {
  const startedAt = performance.now();
  let result: FlushResult = { outcome: absorbed.outcome, sentReports: 0, sentEvents: 0 };
  if (absorbed.reports.length === 0) return result;
  using sandbox = await Sandbox.open(image);
  let { ledger } = absorbed;
  for (const [index, report] of absorbed.reports.entries()) {
    const leftMs = task.deadlineMs - (performance.now() - startedAt);
    const consent = decideConsent(task.overrides, task.paths, files);
    if (!maySend(consent, nowOf(task, startedAt))) return { ...result, outcome: 'off' };
    lock.beat();
    const answer = await send(endpoint, report.text, leftMs, task.network);
    result = afterAnswer(result, report, answer);
    const isAnswered = answer.kind === 'accepted' || answer.kind === 'refused';
    const hasTime = performance.now() - startedAt < task.deadlineMs;
    const next = isAnswered && hasTime ? absorbed.reports[index + 1] : undefined;
    const now = nowOf(task, startedAt);
    ({ ledger } = sandbox.bookAnswer({
      ledger,
      now,
      batchId: report.batchId,
      result: answer,
      jitter: Math.random(),
      nextBatchId: next?.batchId,
    }));
    try {
      const accepted = answer.kind === 'accepted' ? report : undefined;
      commitAnswer({ ...task, now }, lock, ledger, accepted);
    } catch (error) {
      // What has arrived stays arrived, though an `off` has deleted where it would be booked.
      const outcome = error instanceof FlushLost ? 'lost' : 'failed';
      return { ...result, outcome, detail: String(error) };
    }
    if (next === undefined) return result;
  }
  return result;
}

function nowOf({ now }: FlushTask, startedAt: number): number {
  return now + (performance.now() - startedAt);
}

/** @throws FlushLost when the flush is no longer this thread's to finish; what a disk throws. */
function commitAnswer(
  { paths, flushId, now, endpoint }: FlushTask,
  lock: Lock,
  ledger: string,
  accepted: OutgoingReport | undefined,
): void {
  using staged = stageLedger(paths.dataDir, ledger, flushId);
  lock.commit(() => {
    try {
      if (accepted !== undefined) keepReceipt(paths.dataDir, accepted, { now, endpoint, flushId });
    } finally {
      // A receipt that cannot be kept must not make the report go out again and again.
      staged.publish();
    }
  });
}

function afterAnswer(before: FlushResult, report: OutgoingReport, answer: SendResult): FlushResult {
  if (answer.kind !== 'accepted') {
    return {
      ...before,
      outcome: answer.kind,
      ...('reason' in answer && { detail: answer.reason }),
    };
  }
  return {
    outcome: 'sent',
    sentReports: before.sentReports + 1,
    sentEvents: before.sentEvents + report.events,
  };
}
