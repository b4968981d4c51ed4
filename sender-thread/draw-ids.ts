import files from 'node:fs';
import { readChoice } from '../contract/choice-file.ts';
import type { FlushTask } from '../contract/flush.ts';
import { maxEventsPerReport, maxReportsPerFlush } from '../contract/limits.ts';
import type { AbsorbRequest } from '../contract/sandbox.ts';

const idBytes = 16;

/**
 * What the sandbox cannot draw itself: random bytes for the ids of as many reports as one flush may
 * send, and an id for this machine in case a new month needs one. Nothing is drawn when nothing may
 * be sealed.
 */
export function drawIds(
  { machine, paths }: Pick<FlushTask, 'machine' | 'paths'>,
  mayReport: boolean,
): Pick<AbsorbRequest, 'reporter' | 'randomBytes'> {
  if (!mayReport) return { reporter: null, randomBytes: new Uint8Array() };
  const reading = readChoice(paths.dataDir, files);
  const inherited = reading.state === 'read' ? reading.choice.engineId : null;
  // One for each report and each of its events; sealing keeps one in hand.
  const ids = maxReportsPerFlush * (maxEventsPerReport + 1) + 1;
  return {
    reporter: { machine, newMachineIds: drawMachineIds(), inheritedMachineId: inherited },
    randomBytes: crypto.getRandomValues(new Uint8Array(ids * idBytes)),
  };
}

// Thirty days and tomorrow touch three months at the most.
function drawMachineIds(): readonly string[] {
  return [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
}
