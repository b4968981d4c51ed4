import type { FlushResult } from '../../contract/flush.ts';

/**
 * Answers flushes that are awaited when nothing else keeps the process: a promise that stays open then
 * ends it with exit code 13. The flush itself goes on, or is left for the next process.
 */
export class IdleWatch {
  readonly #waiting = new Set<() => void>();
  // One listener for all that wait: an eleventh would make Node warn on the host's stderr.
  readonly #answerAll = (): void => {
    for (const answer of this.#waiting) answer();
  };

  /** Resolves as `flushed` does, or with `waiting` when the process has nothing left to do. */
  async untilIdle(flushed: Promise<FlushResult>): Promise<FlushResult> {
    let answer = (): void => {};
    const idle = new Promise<FlushResult>((resolve) => {
      answer = () => {
        resolve({ outcome: 'waiting', sentReports: 0, sentEvents: 0 });
      };
    });
    if (this.#waiting.size === 0) process.on('beforeExit', this.#answerAll);
    this.#waiting.add(answer);
    try {
      return await Promise.race([flushed, idle]);
    } finally {
      this.#waiting.delete(answer);
      if (this.#waiting.size === 0) process.off('beforeExit', this.#answerAll);
    }
  }
}
