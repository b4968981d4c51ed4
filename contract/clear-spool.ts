import { type Consent, isTurnedOff } from './consent.ts';
import { spoolFolder } from './files.ts';

/** What is needed of `node:fs` to delete. */
export interface DeletableFiles {
  lstatSync(path: string, options: { throwIfNoEntry: false }): object | undefined;
  rmSync(path: string, options: { recursive: true; force: true }): void;
}

// Exiting processes may write into the folder while it is being deleted. Each of them deletes what
// it wrote itself, so a few rounds end it.
const maxRounds = 20;

/**
 * Deletes everything that telemetry has on this machine, except the choice itself.
 *
 * @throws what the file system throws when something cannot be deleted.
 */
export function clearSpool(dataDir: string, files: DeletableFiles): void {
  const folder = `${dataDir}/${spoolFolder}`;
  const isThere = (): boolean => files.lstatSync(folder, { throwIfNoEntry: false }) !== undefined;
  for (let round = 1; isThere(); round++) {
    try {
      files.rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (round === maxRounds) throw error;
    }
  }
}

/**
 * For whoever has just written: an `off` that came in between has not seen it, so it goes as well.
 *
 * @throws as `clearSpool` does.
 */
export function clearIfTurnedOff(consent: Consent, dataDir: string, files: DeletableFiles): void {
  if (isTurnedOff(consent)) clearSpool(dataDir, files);
}
