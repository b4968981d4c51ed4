import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashesFile, hashFiles } from '../../src/command/own/verify.ts';

/** Writes the list that an installed copy can be compared with, sorted by name. Comes last. */
export async function writeHashes(outDir: string): Promise<void> {
  const hashes = Object.fromEntries(hashFiles(outDir));
  await writeFile(join(outDir, hashesFile), `${JSON.stringify(hashes, null, 2)}\n`);
}
