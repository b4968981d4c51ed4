/** The one way to write a file of ours: a new one beside it, and a rename. */
import { temporarySuffix } from './files.ts';
import { codeOf, isCode } from './read-file.ts';

/** What is needed of `node:fs` to make a folder. */
export interface FolderFiles {
  mkdirSync(path: string, mode: number): unknown;
  statSync(path: string): { readonly mode: number };
  chmodSync(path: string, mode: number): void;
}

/**
 * Makes a folder for its owner alone, where none is. Not those above it: a home that is not there is
 * not ours to make, and below /proc a recursive `mkdir` never ends.
 *
 * @throws what the file system throws.
 */
export function makeFolder(path: string, files: FolderFiles): void {
  try {
    files.mkdirSync(path, 0o700);
  } catch (error) {
    if (isCode(error, 'EEXIST')) return;
    throw error;
  }
  // A umask of 0777 would lock the owner out.
  if ((files.statSync(path).mode & 0o700) !== 0o700) files.chmodSync(path, 0o700);
}

/** Whether others than the owner may use a file or folder with this mode. Windows shows one mode for all. */
export function isOpenToOthers(mode: number, platform: string): boolean {
  return platform !== 'win32' && (mode & 0o077) !== 0;
}

/** What is needed of `node:fs` to write. */
export interface WritableFiles {
  openSync(path: string, flags: 'wx' | 'w', mode: number): number;
  lstatSync(path: string, options: { throwIfNoEntry: false }): object | undefined;
  fstatSync(file: number): { readonly mode: number };
  fchmodSync(file: number, mode: number): void;
  writeFileSync(file: number, text: string): void;
  fsyncSync(file: number): void;
  closeSync(file: number): void;
  renameSync(from: string, to: string): void;
  rmSync(path: string, options: { force: true }): void;
}

/** A text on its way to be a file: on the disk for good, under a name of its own. */
export class StagedFile {
  readonly #temporary: string;
  readonly #path: string;
  readonly #files: WritableFiles;
  #isPublished = false;

  /** @throws when the disk is full, read-only, and the like; then nothing of it is left. */
  constructor(path: string, text: string, by: string, files: WritableFiles) {
    this.#path = path;
    this.#temporary = `${path}.${by}${temporarySuffix}`;
    this.#files = files;
    try {
      writeForGood(this.#temporary, text, files);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Gives it the name: a reader sees the old text or the new one. @throws when it is gone. */
  publish(): void {
    this.#files.renameSync(this.#temporary, this.#path);
    this.#isPublished = true;
  }

  /** Deletes it where it was not published. */
  [Symbol.dispose](): void {
    if (this.#isPublished) return;
    try {
      this.#files.rmSync(this.#temporary, { force: true });
    } catch {
      // The next flusher deletes what was left on its way to a name.
    }
  }
}

/**
 * Replaces a file as a whole. `by` tells writers apart that are at it at once.
 *
 * @throws when the disk is full, read-only, and the like.
 */
export function replaceFile(
  path: string,
  text: string,
  files: WritableFiles,
  by = Math.random().toString(36).slice(2),
): void {
  const staged = new StagedFile(path, text, by, files);
  // No `using`: what it is compiled to is more than this whole file, and read at every start.
  try {
    staged.publish();
  } finally {
    staged[Symbol.dispose]();
  }
}

function writeForGood(path: string, text: string, files: WritableFiles): void {
  const file = openNew(path, files);
  try {
    openToOwner(file, files);
    // Not one `write`: on a disk that is almost full it may take a part and say nothing.
    files.writeFileSync(file, text);
    syncIfPossible(file, files);
  } finally {
    files.closeSync(file);
  }
}

/** What an open fails with where the file system does not know it to be exclusive. */
const unknownCodes: readonly string[] = ['EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/**
 * Opens a new file for its owner. A name that is there already, a link above all, must not be written
 * through. Where no open is exclusive, a look comes before it; who holds a lock is asked again before each
 * change.
 *
 * @throws EEXIST where the name is taken, and what the file system throws.
 */
export function openNew(
  path: string,
  files: Pick<WritableFiles, 'openSync' | 'lstatSync'>,
): number {
  try {
    return files.openSync(path, 'wx', 0o600);
  } catch (error) {
    if (!unknownCodes.includes(codeOf(error))) throw error;
  }
  if (files.lstatSync(path, { throwIfNoEntry: false }) !== undefined)
    throw Object.assign(new Error('EEXIST: the name is taken'), { code: 'EEXIST' });
  return files.openSync(path, 'w', 0o600);
}

/** A umask of 0777 would lock the owner out. */
function openToOwner(file: number, files: WritableFiles): void {
  try {
    // Node itself never makes this call: some sandbox may kill for it.
    if ((files.fstatSync(file).mode & 0o600) !== 0o600) files.fchmodSync(file, 0o600);
  } catch {
    // A file system without modes.
  }
}

// A disk that has lost the text. Any other failure is of a file system that knows no fsync.
const lossCodes: readonly string[] = ['EIO', 'ENOSPC', 'EDQUOT'];

function syncIfPossible(file: number, files: WritableFiles): void {
  try {
    files.fsyncSync(file);
  } catch (error) {
    if (lossCodes.includes(codeOf(error))) throw error;
  }
}
