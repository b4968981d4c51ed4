import { type Consent, isTurnedOff } from './consent.ts';
import {
  choiceFileName,
  engineClaimPrefix,
  engineQueueFile,
  spoolFolder,
  temporarySuffix,
} from './files.ts';

/** What is needed of `node:fs` to delete. */
export interface DeletableFiles {
  lstatSync(
    path: string,
    options: { throwIfNoEntry: false },
  ): { isSymbolicLink(): boolean } | undefined;
  rmSync(path: string, options: { recursive: true; force: true }): void;
  readdirSync(path: string): string[];
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
  refuseLink(dataDir, files);
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

/** Behind a link stands nothing of ours, since a linked folder is never used: what has our names is another's. */
function refuseLink(dataDir: string, files: DeletableFiles): void {
  const stat = files.lstatSync(dataDir, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() === true) throw new Error(`${dataDir} is a link`);
}

/**
 * For whoever has just written: an `off` that came in between has not seen it, so it goes as well.
 *
 * @throws as `clearSpool` does.
 */
export function clearIfTurnedOff(consent: Consent, dataDir: string, files: DeletableFiles): void {
  if (isTurnedOff(consent)) clearSpool(dataDir, files);
}

/**
 * Deletes what the engine has counted by itself and not sent, and choices that killed processes have
 * left half-written. Returns whether the engine had anything.
 *
 * @throws what the file system throws when something cannot be deleted.
 */
export function clearNeighbours(dataDir: string, files: DeletableFiles): boolean {
  refuseLink(dataDir, files);
  const names = listNames(dataDir, files);
  const queues = names.filter(isEngineQueue);
  const halves = names.filter(
    (name) => name.startsWith(`${choiceFileName}.`) && name.endsWith(temporarySuffix),
  );
  for (const name of [...queues, ...halves]) {
    files.rmSync(`${dataDir}/${name}`, { recursive: true, force: true });
  }
  return queues.length > 0;
}

/** Names of the files in which the engine has counts of its own. Empty where none can be seen. */
export function findEngineQueues(
  dataDir: string,
  files: Pick<DeletableFiles, 'readdirSync'>,
): readonly string[] {
  return listNames(dataDir, files).filter(isEngineQueue);
}

function isEngineQueue(name: string): boolean {
  return name === engineQueueFile || name.startsWith(engineClaimPrefix);
}

function listNames(dataDir: string, files: Pick<DeletableFiles, 'readdirSync'>): readonly string[] {
  try {
    return files.readdirSync(dataDir);
  } catch {
    // No folder, or none that this user may look into: then nothing of this user's is in it.
    return [];
  }
}
