import files from 'node:fs';
import { isCode, readText } from '../contract/read-file.ts';
import { temporarySuffix } from '../contract/files.ts';
import { Handover } from '../contract/flush.ts';
import { lockStaleMs, maxLockBytes } from '../contract/limits.ts';
import { openNew } from '../contract/write-file.ts';

/** Thrown inside a flush that is no longer this thread's to finish. */
export class FlushLost extends Error {}

/**
 * The right to change the spool, held by one flusher on one home. Named by a random token, never by
 * a pid: containers share homes. Each commit asks whether the right still stands.
 */
export class Lock {
  readonly #path: string;
  readonly #flushId: string;
  readonly #handover: Int32Array;

  private constructor(path: string, flushId: string, handover: Int32Array) {
    this.#path = path;
    this.#flushId = flushId;
    this.#handover = handover;
  }

  /** The lock, or undefined while another flusher holds it. A stale one is taken over. */
  static take(path: string, flushId: string, handover: Int32Array): Lock | undefined {
    const lock = new Lock(path, flushId, handover);
    // In turn as well: a lock that comes after its process has let go of it stays for two minutes.
    const isTaken = lock.#inTurn(
      () => create(path, flushId) || (clearStale(path, flushId) && create(path, flushId)),
    );
    return isTaken ? lock : undefined;
  }

  /**
   * Tells other flushers that this one lives, if the right still stands: what it has in memory may be
   * of before an `off` that an `on` has followed.
   *
   * @throws FlushLost as `commit` does.
   */
  beat(): void {
    this.commit(() => {
      try {
        const now = new Date();
        files.utimesSync(this.#path, now, now);
      } catch {
        // A file system that sets no times: a flush is over long before its lock looks stale.
      }
    });
  }

  /**
   * Runs a short change of the spool. An exiting main thread waits for nobody, yet may take the
   * lock away only between two commits.
   *
   * @throws FlushLost when the main thread has abandoned the flush or another flusher took over.
   */
  commit<T>(change: () => T): T {
    return this.#inTurn(() => {
      if (readLock(this.#path) !== this.#flushId) throw new FlushLost('taken over or turned off');
      return change();
    });
  }

  #inTurn<T>(action: () => T): T {
    const { free, committing } = Handover;
    if (Atomics.compareExchange(this.#handover, 0, free, committing) !== free) {
      throw new FlushLost('abandoned by an exiting process');
    }
    try {
      return action();
    } finally {
      Atomics.store(this.#handover, 0, free);
      Atomics.notify(this.#handover, 0);
    }
  }

  /** Gives the lock back, if it still is this flusher's. */
  release(): void {
    try {
      this.commit(() => {
        files.rmSync(this.#path, { force: true });
      });
    } catch (error) {
      if (!(error instanceof FlushLost)) throw error;
    }
  }
}

/** Whose lock stands there; null where there is none, empty for what is no lock of ours. */
function readLock(path: string): string | null {
  const reading = readText(path, maxLockBytes, files);
  if (reading.state === 'none') return null;
  return reading.state === 'read' ? reading.text : '';
}

function create(path: string, flushId: string): boolean {
  try {
    const file = openNew(path, files);
    try {
      files.writeSync(file, flushId);
    } catch (error) {
      // A full disk: an empty lock would keep everybody out for as long as a held one.
      files.rmSync(path, { force: true });
      throw error;
    } finally {
      files.closeSync(file);
    }
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Moves a stale lock aside. Two flushers may both find it stale: only one finds it unchanged. */
function clearStale(path: string, flushId: string): boolean {
  const before = readLock(path);
  const stat = files.lstatSync(path, { throwIfNoEntry: false });
  if (before === null || stat === undefined) return true;
  const ageMs = Date.now() - stat.mtimeMs;
  // A folder or a FIFO was made by no flusher.
  if (stat.isFile() && Math.abs(ageMs) < lockStaleMs) return false;
  const aside = `${path}.${flushId}${temporarySuffix}`;
  try {
    files.renameSync(path, aside);
    const moved = readLock(aside);
    // Somebody took the stale lock over between our look and our rename: give theirs back.
    if (moved !== null && moved !== before) create(path, moved);
    return moved === before;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  } finally {
    files.rmSync(aside, { force: true, recursive: true });
  }
}
