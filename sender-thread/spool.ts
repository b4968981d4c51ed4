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
import { basename } from 'node:path';
import { ledgerFile, temporarySuffix } from '../contract/files.ts';
import { lockStaleMs } from '../contract/limits.ts';

/** The text of a file of ours; null when there is none. @throws when it cannot be read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** A text on its way to be a file: on the disk for good, under a name of its own. */
export class StagedFile {
  readonly #temporary: string;
  readonly #path: string;

  /** @throws when the disk is full, read-only, and the like; then nothing of it is left. */
  constructor(path: string, text: string, flushId: string) {
    this.#path = path;
    this.#temporary = `${path}.${flushId}${temporarySuffix}`;
    try {
      writeForGood(this.#temporary, text);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Gives it the name: a reader sees the old text or the new one. @throws when it is gone. */
  publish(): void {
    renameSync(this.#temporary, this.#path);
  }

  /** Deletes it where it was not published. */
  [Symbol.dispose](): void {
    rmSync(this.#temporary, { force: true });
  }
}

function writeForGood(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    // Not one `write`: on a disk that is almost full it may take a part and say nothing.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Replaces a file as a whole. @throws when the disk is full, read-only, and the like. */
export function replaceFile(path: string, text: string, flushId: string): void {
  using staged = new StagedFile(path, text, flushId);
  staged.publish();
}

/**
 * Deletes what crashed writers have left on its way to a name. Most need milliseconds for that. But
 * only who has the lock may write a ledger: another's is of a flusher that has lost it, and that
 * might wake up and give it the name.
 */
export function removeLeftovers(folder: string): void {
  const stagedLedger = `${basename(ledgerFile)}.`;
  for (const name of readdirSync(folder)) {
    const path = `${folder}/${name}`;
    if (!name.endsWith(temporarySuffix)) continue;
    const stat = statSync(path, { throwIfNoEntry: false });
    const isOld = stat !== undefined && Math.abs(Date.now() - stat.mtimeMs) > lockStaleMs;
    if (isOld || name.startsWith(stagedLedger)) rmSync(path, { recursive: true, force: true });
  }
}

/** Whether a system call failed with this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
