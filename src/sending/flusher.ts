import { existsSync, statSync } from 'node:fs';
import { bufferFile, ledgerFile } from '../../spec/contract/files.ts';
import type { FlushResult } from '../../spec/contract/flush.ts';
import { rollUpBufferBytes } from '../../spec/contract/limits.ts';
import { clearSpool } from '../consent/clear-spool.ts';
import type { ConsentWatch } from '../consent/consent-watch.ts';
import type { FlushOrder, Sender } from './sender.ts';

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
  #flushes = 0;
  #isKeptWarm = false;
  /** At exit: leaves a running flush in a state that the next process can go on from at once. */
  readonly #abandon = (): void => {
    this.#sender?.abandon();
    // The thread will not come to look again whether all of it should be gone.
    if (this.#watch.look().mode === 'off') clearSpool(this.#watch.paths.home);
  };

  constructor(watch: ConsentWatch) {
    this.#watch = watch;
  }

  /** Starts the thread ahead of a flush that is certain to come, and keeps it until `close`. */
  async warmUp(): Promise<void> {
    this.#isKeptWarm = true;
    const sender = await this.#open();
    await sender.warmUp();
  }

  /** One flush. Without consent, or with nothing to do, no thread is started. */
  async flush(terms: FlushTerms): Promise<FlushResult> {
    const idle = this.#reasonToStayIdle(terms.now);
    if (idle !== undefined) return { outcome: idle, sentReports: 0, sentEvents: 0 };
    this.#flushes += 1;
    process.on('exit', this.#abandon);
    try {
      const { wishes, paths } = this.#watch;
      const sender = await this.#open();
      return await sender.flush({ ...terms, wishes, paths });
    } catch (error) {
      return { outcome: 'failed', sentReports: 0, sentEvents: 0, detail: String(error) };
    } finally {
      process.removeListener('exit', this.#abandon);
      this.#flushes -= 1;
      if (this.#flushes === 0 && !this.#isKeptWarm) await this.close();
    }
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.#isKeptWarm = false;
    const sender = await this.#opening;
    this.#opening = undefined;
    this.#sender = undefined;
    await sender?.close();
  }

  async #open(): Promise<Sender> {
    this.#opening ??= import('./sender.ts').then(({ Sender }) => new Sender());
    this.#sender = await this.#opening;
    return this.#sender;
  }

  #reasonToStayIdle(now: number): FlushResult['outcome'] | undefined {
    const { mode, sendFrom } = this.#watch.look();
    if (mode === 'off') return 'off';
    const { home } = this.#watch.paths;
    const buffer = statSync(`${home}/${bufferFile}`, { throwIfNoEntry: false });
    const canSend = mode === 'on' && now >= sendFrom;
    if (!canSend) return (buffer?.size ?? 0) < rollUpBufferBytes ? 'waiting' : undefined;
    const isEmpty = buffer === undefined && !existsSync(`${home}/${ledgerFile}`);
    return isEmpty ? 'nothing-to-send' : undefined;
  }
}
