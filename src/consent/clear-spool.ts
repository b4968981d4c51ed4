import { existsSync, rmSync } from 'node:fs';
import { spoolFolder } from '../../contract/files.ts';

// Exiting processes may write into the folder while it is being deleted. Each of them deletes what
// it wrote itself, so a few rounds end it.
const maxRounds = 20;

/**
 * Deletes everything that telemetry has on this machine, except the choice itself.
 *
 * @throws what the file system throws when something cannot be deleted.
 */
export function clearSpool(dataDir: string): void {
  const folder = `${dataDir}/${spoolFolder}`;
  for (let round = 1; existsSync(folder); round++) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (round === maxRounds) throw error;
    }
  }
}
