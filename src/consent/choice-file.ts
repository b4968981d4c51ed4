import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type Choice, formatChoice } from '../../spec/contract/consent.ts';
import { choiceFileName, temporarySuffix } from '../../spec/contract/files.ts';

/**
 * Stores a choice where the engine looks for it too. Whoever reads meanwhile sees the old choice
 * or the new one, never half of one; keys of others are kept.
 *
 * @throws what the file system throws when it could not be stored.
 */
export function storeChoice(home: string, choice: Choice, now: number): void {
  const path = `${home}/${choiceFileName}`;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  replaceFile(path, formatChoice(choice, readPrevious(path), now));
}

function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}${temporarySuffix}`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
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

function readPrevious(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // None, or none that could be read: nothing to keep.
    return undefined;
  }
}
