import { firstFlushMs, flushIntervalMs } from '../../contract/limits.ts';

// Below it somebody has meant seconds.
const minIntervalMs = 1_000;

// What timers can hold: beyond it they fire at once, and again at once.
const maxIntervalMs = 2 ** 31 - 1;

/** Flushes of a process that goes on: one soon, then one at each interval. Keeps no process alive. */
export class FlushSchedule {
  readonly #flush: () => void;
  #first: NodeJS.Timeout | undefined;
  #interval: NodeJS.Timeout | undefined;

  constructor(flush: () => void) {
    this.#flush = flush;
  }

  /** Begins anew. An interval that no timer can hold is taken as the nearest that one can. */
  start(intervalMs: number): void {
    this.stop();
    const wanted = Number.isNaN(intervalMs) ? flushIntervalMs : intervalMs;
    const everyMs = Math.min(maxIntervalMs, Math.max(minIntervalMs, wanted));
    this.#first = setTimeout(this.#flush, Math.min(firstFlushMs, everyMs)).unref();
    this.#interval = setInterval(this.#flush, everyMs).unref();
  }

  /** Flushes now, in a process that flushes at intervals; else does nothing. */
  hurry(): void {
    if (this.#interval !== undefined) this.#flush();
  }

  /** Ends it. */
  stop(): void {
    clearTimeout(this.#first);
    clearInterval(this.#interval);
    this.#interval = undefined;
  }
}
