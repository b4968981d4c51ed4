import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { temporarySuffix } from '../spec/contract/files.ts';
import { lockStaleMs } from '../spec/contract/limits.ts';

/** The text of a file of ours; null when there is none. @throws when it cannot be read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/**
 * Replaces a file as a whole: a reader sees the old text or the new one, and the new one is on the
 * disk before it has the name. @throws when the disk is full, read-only, and the like.
 */
export function replaceFile(path: string, text: string, tag: string): void {
  const temporary = `${path}.${tag}${temporarySuffix}`;
  try {
    const file = openSync(temporary, 'w', 0o600);
    try {
      // Not one `write`: on a disk that is almost full it may take a part and say nothing.
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Deletes what crashed writers have left on its way to a name. A writer needs milliseconds. */
export function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = `${folder}/${name}`;
    if (!name.endsWith(temporarySuffix)) continue;
    const stat = statSync(path, { throwIfNoEntry: false });
    const isOld = stat !== undefined && Math.abs(Date.now() - stat.mtimeMs) > lockStaleMs;
    if (isOld) rmSync(path, { recursive: true, force: true });
  }
}

/** Whether a system call failed with this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
