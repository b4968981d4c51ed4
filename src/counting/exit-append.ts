import files, {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { isOpenToOthers, makeFolder } from '../../contract/write-file.ts';
import { bufferFile, spoolFolder } from '../../contract/files.ts';
import { encodeFrame, type Frame } from '../../contract/frame.ts';
import { bufferReserveBytes, claimGraceMs, maxBufferBytes } from '../../contract/limits.ts';

// No-follow: a link in the buffer's place must not lead the write elsewhere. Non-blocking: a pipe
// in its place must not hang an exit. Windows has neither, and undefined adds nothing.
const openFlags =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0);

// The second is for a process that slept for seconds between its open and its write, each further one
// for another such sleep.
const maxAppends = 5;

/**
 * Appends frames to the buffer: one open, one write, one close, whatever the buffer holds. Reads
 * nothing, locks nothing, waits for nothing. Returns how many bytes the buffer had before.
 *
 * @throws what the file system throws.
 */
export function appendFrames(dataDir: string, frames: readonly Frame[]): number {
  const [frame] = frames;
  // Nearly always there is one, and an exit pays for each function that it calls first.
  const bytes = frame && frames.length === 1 ? encodeFrame(frame) : joinFrames(frames);
  for (let appends = 0; appends < maxAppends; appends++) {
    const bufferBytes = append(dataDir, bytes, frames);
    if (bufferBytes !== undefined) return bufferBytes;
  }
  return 0;
}

function joinFrames(frames: readonly Frame[]): Uint8Array {
  return Buffer.concat(frames.map(encodeFrame));
}

/**
 * Returns the size before, or undefined when what was written went nowhere. A file without a
 * name was a claim and is deleted, which a flusher does only long after the last write that it has
 * read. Soon after a write it was deleted unread: the frames went nowhere, and once more is not
 * twice. The file's own two times tell the one from the other, however long this process has slept. A
 * file system that counts no links says 0 from the beginning, which proves nothing.
 */
function append(dataDir: string, bytes: Uint8Array, frames: readonly Frame[]): number | undefined {
  const buffer = openBuffer(dataDir);
  try {
    const before = fstatSync(buffer);
    const { size } = before;
    // A second name: whoever made it let it lead to a file that is not ours.
    if (!before.isFile() || before.nlink > 1) throw new Error('the buffer is not a file of ours');
    if (before.nlink === 0 && !isBuffer(dataDir, before)) return undefined;
    tighten(buffer, before.mode);
    const hasRoom = size + bytes.length <= maxBufferBytes - bufferReserveBytes;
    if (hasRoom) writeSync(buffer, bytes);
    else noteDropped(buffer, size, frames);
    const { nlink, mtimeMs, ctimeMs } = fstatSync(buffer);
    const isDeleted = nlink === 0 && before.nlink > 0;
    return isDeleted && Math.abs(ctimeMs - mtimeMs) < claimGraceMs ? undefined : size;
  } finally {
    closeSync(buffer);
  }
}

/** Whether the open file still has the buffer's name, though it counts no links. */
function isBuffer(dataDir: string, { dev, ino }: Stats): boolean {
  const named = lstatSync(`${dataDir}/${bufferFile}`, { throwIfNoEntry: false });
  return named !== undefined && named.dev === dev && named.ino === ino;
}

/** Takes back what others may do with a buffer that was copied or made under another umask. */
function tighten(buffer: number, mode: number): void {
  if (!isOpenToOthers(mode, process.platform)) return;
  try {
    fchmodSync(buffer, 0o600);
  } catch {
    // Of another owner, or a file system without modes: the count goes in all the same.
  }
}

function openBuffer(dataDir: string): number {
  const path = `${dataDir}/${bufferFile}`;
  try {
    return openSync(path, openFlags, 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    makeFolder(dataDir, files);
    makeFolder(`${dataDir}/${spoolFolder}`, files);
    return openSync(path, openFlags, 0o600);
  }
}

/** A full buffer takes no more counts, but as long as the reserve lasts it says how many it lost. */
function noteDropped(buffer: number, size: number, frames: readonly Frame[]): void {
  const day = frames[0]?.day ?? 0;
  const dropped = frames.reduce((sum, frame) => sum + countsIn(frame), 0);
  const note = encodeFrame({ day, counters: [], events: [], dropped });
  if (size + note.length <= maxBufferBytes) writeSync(buffer, note);
}

function countsIn({ counters, events, dropped }: Frame): number {
  return counters.reduce((sum, [, , calls]) => sum + calls, events.length + dropped);
}
