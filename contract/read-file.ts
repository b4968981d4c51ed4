/**
 * The one way to read a file of ours. Takes its file system as an argument, because the contract
 * imports nothing.
 */

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
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'), 0));
  const isThere = folder !== '' && files.lstatSync(folder, options) !== undefined;
  return !isThere || files.statSync(folder, options) !== undefined;
}

/**
 * The first bytes of a file; undefined where none stands there, or what is no file.
 *
 * @throws what the file system throws.
 */
export function readStart(
  path: string,
  maxBytes: number,
  files: ReadableFiles,
): Uint8Array | undefined {
  if (files.lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = files.constants;
  const file = files.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    const stat = files.fstatSync(file);
    if (!stat.isFile()) return undefined;
    const bytes = new Uint8Array(Math.min(stat.size, maxBytes));
    return bytes.subarray(0, fill(bytes, file, files));
  } finally {
    files.closeSync(file);
  }
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

/** Whether a system call failed with this code. */
export function isCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

/** The code of a failed system call. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
