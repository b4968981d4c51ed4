import files from 'node:fs';
import { clearIfTurnedOff } from '../../contract/clear-spool.ts';
import { formatFailure } from '../../contract/failure.ts';
import { replaceFile } from '../../contract/write-file.ts';
import { failureFile } from '../../contract/files.ts';
import type { FlushResult } from '../../contract/flush.ts';
import type { ConsentWatch } from '../consent/watch.ts';

/**
 * Keeps the reason of a flush that failed, and forgets it after one that ran. Writes nothing while
 * consent is off and makes no folder. Never throws: the spool may be what the flush failed at.
 */
export function noteFailure(watch: ConsentWatch, result: FlushResult, now: number): void {
  const { dataDir } = watch.paths;
  const path = `${dataDir}/${failureFile}`;
  try {
    if (result.outcome !== 'failed') {
      // Another flusher, or an `off`, says nothing about why this one failed before.
      if (!silentOutcomes.includes(result.outcome)) files.rmSync(path, { force: true });
      return;
    }
    if (watch.look().mode === 'off') return;
    replaceFile(path, formatFailure(result.detail ?? 'no reason is known', now), files);
    clearIfTurnedOff(watch.look(), dataDir, files);
  } catch {
    // A disk that takes nothing: `status` tries it, and says so.
  }
}

const silentOutcomes: readonly FlushResult['outcome'][] = ['busy', 'lost', 'off'];
