import files from 'node:fs';
import { readChoice } from '../spec/contract/consent.ts';
import type { FlushTask } from '../spec/contract/flush.ts';
import { maxEventsPerReport, maxReportsPerFlush } from '../spec/contract/limits.ts';
import type { AbsorbRequest } from '../spec/contract/sandbox.ts';

const idBytes = 16;

/**
 * What the sandbox cannot draw itself: random bytes for the ids of as many reports as one flush may
 * send, and an id for this machine in case a new month needs one. Nothing is drawn when nothing may
 * be sealed.
 */
export function drawIdentity(
  { machine, paths }: Pick<FlushTask, 'machine' | 'paths'>,
  mayReport: boolean,
): Pick<AbsorbRequest, 'reporter' | 'randomBytes'> {
  if (!mayReport) return { reporter: null, randomBytes: new Uint8Array() };
  const choice = readChoice(paths.home, files);
  const engineId = choice.state === 'read' ? choice.choice.machineId : null;
  // One for each report and each of its events; sealing keeps one in hand.
  const ids = maxReportsPerFlush * (maxEventsPerReport + 1) + 1;
  return {
    reporter: { machine, newMachineId: crypto.randomUUID(), inheritedMachineId: engineId },
    randomBytes: crypto.getRandomValues(new Uint8Array(ids * idBytes)),
  };
}
