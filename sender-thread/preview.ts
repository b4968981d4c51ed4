import { dayOf } from '../contract/day.ts';
import type { PreviewResult, PreviewTask } from '../contract/flush.ts';
import { backoffMaxMs } from '../contract/limits.ts';
import type { AbsorbRequest } from '../contract/sandbox.ts';
import { absorbAll } from './absorb.ts';
import { readUnclaimed } from './claim.ts';
import { drawIds } from './draw-ids.ts';
import { readLedger } from './ledger.ts';
import type { SandboxImage } from './sandbox.ts';

/**
 * Runs the flush's own sandboxed code over what is on the disk, and throws the result away. Ids are
 * drawn at sealing, so what is not sealed yet shows others here than it will be sent with.
 */
export async function runPreview(image: SandboxImage, task: PreviewTask): Promise<PreviewResult> {
  const { dataDir } = task.paths;
  const request: AbsorbRequest = {
    ledger: readLedger(dataDir),
    claims: readUnclaimed(dataDir),
    maxBytes: Infinity,
    today: dayOf(task.now),
    now: task.now,
    reporter: null,
    randomBytes: new Uint8Array(),
  };
  const { ledger } = await absorbAll(image, request);
  // Past any backoff: what is asked is what would be sent, not when.
  const sealing = { ...request, ...drawIds(task, true), now: task.now + backoffMaxMs };
  const due = await absorbAll(image, sealing);
  if (due.reports.length > 0) return { ledger, reports: textsOf(due), isDue: true };
  const tomorrow = await absorbAll(image, { ...sealing, today: request.today + 1 });
  return { ledger, reports: textsOf(tomorrow), isDue: false };
}

function textsOf({ reports }: Awaited<ReturnType<typeof absorbAll>>): readonly string[] {
  return reports.map(({ text }) => text);
}
