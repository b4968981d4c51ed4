import files from 'node:fs';
import { decideConsent, maySend } from '../contract/consent.ts';
import type { FlushResult, FlushTask } from '../contract/flush.ts';
import type { AbsorbResponse, OutgoingReport, SendResult } from '../contract/sandbox.ts';
import { keepReceipt, stageLedger } from './ledger.ts';
import type { Lock } from './lock.ts';
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
  for (const report of absorbed.reports) {
    const elapsedMs = performance.now() - startedAt;
    const now = task.now + elapsedMs;
    if (elapsedMs >= task.deadlineMs) return result;
    const consent = decideConsent(task.overrides, task.paths, files);
    if (!maySend(consent, now)) return { ...result, outcome: 'off' };
    lock.beat();
    const answer = await send(endpoint, report.text, task.deadlineMs - elapsedMs);
    const { batchId } = report;
    const jitter = Math.random();
    ({ ledger } = sandbox.bookAnswer({ ledger, now, batchId, result: answer, jitter }));
    using staged = stageLedger(task.paths.dataDir, ledger, task.flushId);
    lock.commit(() => {
      try {
        if (answer.kind === 'accepted') keepReceipt(task.paths.dataDir, report, now, task.flushId);
      } finally {
        // A receipt that cannot be kept must not make the report go out again and again.
        staged.publish();
      }
    });
    result = afterAnswer(result, report, answer);
    if (answer.kind !== 'accepted' && answer.kind !== 'refused') return result;
  }
  return result;
}

function afterAnswer(before: FlushResult, report: OutgoingReport, answer: SendResult): FlushResult {
  if (answer.kind !== 'accepted') return { ...before, outcome: answer.kind };
  return {
    outcome: 'sent',
    sentReports: before.sentReports + 1,
    sentEvents: before.sentEvents + report.events,
  };
}
