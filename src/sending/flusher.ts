import files from 'node:fs';
import { maySend } from '../../contract/consent.ts';
import { clearIfTurnedOff } from '../../contract/clear-spool.ts';
import { bufferFile, ledgerFile } from '../../contract/files.ts';
import type { FlushResult } from '../../contract/flush.ts';
import { rollUpBufferBytes } from '../../contract/limits.ts';
import type { ConsentWatch } from '../consent/watch.ts';
import { hookExit } from '../counting/exit-hooks.ts';
import { openSender } from './open-sender.ts';
import type { Engine, FlushOrder, Sender } from './sender.ts';
import { whyNoThread } from './thread-room.ts';

/** What a flush is told beside consent. */
export type FlushTerms = Pick<FlushOrder, 'endpoint' | 'machine' | 'now' | 'deadlineMs'>;

/**
 * Opens the sender thread when there is something for it to do, and closes it afterwards. Loading
 * the pool is left to the first flush: no process that only counts pays for it.
 */
export class Flusher {
  readonly #watch: ConsentWatch;
  #opening: Promise<Sender> | undefined;
  #sender: Sender | undefined;
  /**
   * What the first thread has compiled. A thread that compiles it anew has V8 optimize it anew: 0.15 s
   * of another core, and up to 30 MB more that the allocator keeps, in a server after every flush.
   */
  #engine: Engine | undefined;
  #flushes = 0;
  #unhook: (() => void) | undefined;
  #isKeptWarm = false;

  constructor(watch: ConsentWatch) {
    this.#watch = watch;
  }

  /** Starts the thread ahead of a flush that is certain to come, and keeps it until `close`. */
  async warmUp(): Promise<void> {
    this.#isKeptWarm = true;
    try {
      await this.#open();
    } catch {
      // A machine that has no room for a thread: the flush will say so.
    }
  }

  /** One flush; never rejects. Without consent, or with nothing to do, no thread is started. */
  async flush(terms: FlushTerms): Promise<FlushResult> {
    try {
      const idle = this.#reasonToStayIdle(terms.now);
      if (idle !== undefined) return { outcome: idle, sentReports: 0, sentEvents: 0 };
      return await this.#flushInThread(terms);
    } catch (error) {
      return { outcome: 'failed', sentReports: 0, sentEvents: 0, detail: String(error) };
    }
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.#isKeptWarm = false;
    const opening = this.#opening;
    this.#opening = undefined;
    this.#sender = undefined;
    try {
      const sender = await opening;
      await sender?.close();
    } catch {
      // It never opened: a package that was updated under a server has lost its file.
    }
  }

  async #flushInThread(terms: FlushTerms): Promise<FlushResult> {
    this.#flushes += 1;
    // One hook for all that wait: an eleventh listener would make Node warn on the host's stderr.
    this.#unhook ??= hookExit(() => {
      this.#abandon();
    });
    try {
      const { overrides, paths } = this.#watch;
      const sender = await this.#open();
      return await sender.flush({ ...terms, overrides, paths });
    } finally {
      this.#flushes -= 1;
      if (this.#flushes === 0) {
        this.#unhook?.();
        this.#unhook = undefined;
        if (!this.#isKeptWarm) await this.close();
      }
    }
  }

  /** At the end of the process: leaves a flush so that the next one can go on from it at once. */
  #abandon(): void {
    try {
      this.#sender?.abandon();
      // The thread will not come to look again whether all of it should be gone.
      clearIfTurnedOff(this.#watch.look(), this.#watch.paths.dataDir, files);
    } catch {
      // What cannot be deleted waits for the next process; this one ends as its host wants.
    }
  }

  async #open(): Promise<Sender> {
    const reason = whyNoThread(this.#watch.paths.dataDir);
    if (reason !== undefined) throw new Error(reason);
    this.#opening ??= openSender();
    const sender = await this.#opening;
    this.#sender = sender;
    this.#engine = await sender.warmUp(this.#engine);
    return sender;
  }

  #reasonToStayIdle(now: number): FlushResult['outcome'] | undefined {
    const consent = this.#watch.look();
    if (consent.mode === 'off') return 'off';
    const { dataDir } = this.#watch.paths;
    const buffer = files.statSync(`${dataDir}/${bufferFile}`, { throwIfNoEntry: false });
    if (!maySend(consent, now))
      return (buffer?.size ?? 0) < rollUpBufferBytes ? 'waiting' : undefined;
    const isEmpty = buffer === undefined && !files.existsSync(`${dataDir}/${ledgerFile}`);
    return isEmpty ? 'nothing-to-send' : undefined;
  }
}
