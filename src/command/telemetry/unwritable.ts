import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spoolFolder } from '../../../contract/files.ts';

/** Why nothing can be counted on this machine, or null. Asks the system, and writes nothing. */
export function whyUnwritable(dataDir: string): string | null {
  let folder = join(dataDir, spoolFolder);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return null;
  } catch {
    return `nothing is counted, because ${folder} cannot be written`;
  }
}
