/**
 * The one way to read a file of ours, and the one way to write one. Both take their file system as
 * an argument, because the contract imports nothing.
 */

import { temporarySuffix } from './files.ts';

/** What is needed of `node:fs` to read. */
export interface ReadableFiles {
  readonly constants: {
    readonly O_RDONLY: number;
    // Windows has neither.
    readonly O_NOFOLLOW?: number;
    readonly O_NONBLOCK?: number;
  };
  statSync(path: string, options: { throwIfNoEntry: false }): FileStat | undefined;
  lstatSync(path: string, options: { throwIfNoEntry: false }): FileStat | undefined;
  openSync(path: string, flags: number): number;
  fstatSync(file: number): FileStat;
  readSync(file: number, target: Uint8Array): number;
  closeSync(file: number): void;
}

interface FileStat {
  isFile(): boolean;
  readonly size: number;
}

/** `code` is of the system call that failed; without one, what stands there is no file of ours. */
export type FileReading =
  | { readonly state: 'none' }
  | { readonly state: 'unreadable'; readonly reason: string; readonly code?: string }
  | { readonly state: 'read'; readonly text: string };

/** Whether a link at the path itself is read. Only the owner's choice may be one. */
export type AtLink = 'refuse' | 'follow';

/**
 * The text of a file. A FIFO would block an open and a device would never end, so both are refused
 * before and after opening, and at most `maxBytes` are read. A name that leads nowhere is unreadable,
 * not absent. Never throws.
 */
export function readText(
  path: string,
  maxBytes: number,
  files: ReadableFiles,
  atLink: AtLink = 'refuse',
): FileReading {
  try {
    const options = { throwIfNoEntry: false } as const;
    const isFollowed = atLink === 'follow';
    const stat = isFollowed ? files.statSync(path, options) : files.lstatSync(path, options);
    if (stat === undefined) {
      return isAbsent(path, files) ? { state: 'none' } : unreadable('its link leads nowhere');
    }
    const flaw = flawOf(stat, maxBytes);
    return flaw === undefined ? readOpened(path, maxBytes, files, isFollowed) : unreadable(flaw);
  } catch (error) {
    // Deleted between the look and the open.
    if (isCode(error, 'ENOENT')) return { state: 'none' };
    const code = codeOf(error);
    return { state: 'unreadable', reason: `it cannot be read (${code})`, code };
  }
}

/**
 * Whether there is no such name, so that nobody can have meant anything by it. A dangling link is a
 * name; so is one in a folder that is a dangling link, such as of a disk that is not mounted.
 *
 * @throws what the file system throws when it does not let us look.
 */
export function isAbsent(path: string, files: ReadableFiles): boolean {
  const options = { throwIfNoEntry: false } as const;
  if (files.lstatSync(path, options) !== undefined) return false;
  const folder = path.replace(/[/\\][^/\\]*$/, '');
  const isThere = folder !== '' && files.lstatSync(folder, options) !== undefined;
  return !isThere || files.statSync(folder, options) !== undefined;
}

function readOpened(
  path: string,
  maxBytes: number,
  files: ReadableFiles,
  isFollowed: boolean,
): FileReading {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = files.constants;
  const file = files.openSync(path, O_RDONLY | O_NONBLOCK | (isFollowed ? 0 : O_NOFOLLOW));
  try {
    const stat = files.fstatSync(file);
    const flaw = flawOf(stat, maxBytes);
    if (flaw !== undefined) return unreadable(flaw);
    const bytes = new Uint8Array(stat.size);
    return { state: 'read', text: decode(bytes.subarray(0, fill(bytes, file, files))) };
  } finally {
    files.closeSync(file);
  }
}

function flawOf(stat: FileStat, maxBytes: number): string | undefined {
  if (!stat.isFile()) return 'it is not a file';
  return stat.size > maxBytes ? 'it is too long' : undefined;
}

/** Reads until `bytes` are full or the file ends; returns how many there were. */
function fill(bytes: Uint8Array, file: number, files: ReadableFiles): number {
  let length = 0;
  while (length < bytes.length) {
    const read = files.readSync(file, bytes.subarray(length));
    if (read === 0) break;
    length += read;
  }
  return length;
}

// Whoever reads files has it; the sandbox, which reads none, does not.
declare const TextDecoder: new () => { decode(bytes: Uint8Array): string };

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function unreadable(reason: string): FileReading {
  return { state: 'unreadable', reason };
}

/** What is needed of `node:fs` to make a folder. */
export interface FolderFiles {
  mkdirSync(path: string, mode: number): unknown;
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
  files.chmodSync(path, 0o700);
}

/** What is needed of `node:fs` to write. */
export interface WritableFiles {
  openSync(path: string, flags: 'wx', mode: number): number;
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

  /** @throws when the disk is full, read-only, and the like; then nothing of it is left. */
  constructor(path: string, text: string, flushId: string, files: WritableFiles) {
    this.#path = path;
    this.#temporary = `${path}.${flushId}${temporarySuffix}`;
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
  }

  /** Deletes it where it was not published. */
  [Symbol.dispose](): void {
    this.#files.rmSync(this.#temporary, { force: true });
  }
}

/** Replaces a file as a whole. @throws when the disk is full, read-only, and the like. */
export function replaceFile(
  path: string,
  text: string,
  random: string,
  files: WritableFiles,
): void {
  using staged = new StagedFile(path, text, random, files);
  staged.publish();
}

function writeForGood(path: string, text: string, files: WritableFiles): void {
  // A name that is there already, a link above all, must not be written through.
  const file = files.openSync(path, 'wx', 0o600);
  try {
    openToOwner(file, files);
    // Not one `write`: on a disk that is almost full it may take a part and say nothing.
    files.writeFileSync(file, text);
    syncIfPossible(file, files);
  } finally {
    files.closeSync(file);
  }
}

/** A umask of 0777 would lock the owner out. */
function openToOwner(file: number, files: WritableFiles): void {
  try {
    files.fchmodSync(file, 0o600);
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

/** Whether a system call failed with this code. */
export function isCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
