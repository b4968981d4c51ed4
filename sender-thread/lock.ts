import { closeSync, openSync, renameSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { temporarySuffix } from '../contract/files.ts';
import { Handover } from '../contract/flush.ts';
import { lockStaleMs } from '../contract/limits.ts';
import { isCode, readText } from './spool.ts';

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
      const now = new Date();
      utimesSync(this.#path, now, now);
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
      if (readText(this.#path) !== this.#flushId) throw new FlushLost('taken over or turned off');
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
        rmSync(this.#path, { force: true });
      });
    } catch (error) {
      if (!(error instanceof FlushLost)) throw error;
    }
  }
}

function create(path: string, flushId: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeSync(file, flushId);
    } catch (error) {
      // A full disk: an empty lock would keep everybody out for as long as a held one.
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Moves a stale lock aside. Two flushers may both find it stale: only one finds it unchanged. */
function clearStale(path: string, flushId: string): boolean {
  const before = readText(path);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (before === null || stat === undefined) return true;
  const ageMs = Date.now() - stat.mtimeMs;
  if (Math.abs(ageMs) < lockStaleMs) return false;
  const aside = `${path}.${flushId}${temporarySuffix}`;
  try {
    renameSync(path, aside);
    const moved = readText(aside);
    // Somebody took the stale lock over between our look and our rename: give theirs back.
    if (moved !== null && moved !== before) create(path, moved);
    return moved === before;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
