import files from 'node:fs';
import { maySend } from '../../contract/consent.ts';
import { clearIfTurnedOff } from '../../contract/clear-spool.ts';
import { readText } from '../../contract/read-file.ts';
import { bufferFile, claimPrefix, ledgerFile, spoolFolder } from '../../contract/files.ts';
import type { FlushResult } from '../../contract/flush.ts';
import { maxLedgerBytes, rollUpBufferBytes } from '../../contract/limits.ts';
import { waitMsIn } from '../../contract/wait.ts';
import type { ConsentWatch } from '../consent/watch.ts';
import { hookExit } from '../counting/exit-hooks.ts';
import { noteFailure } from './note-failure.ts';
import { openSender } from './open-sender.ts';
import type { Engine, FlushOrder, Sender } from './sender.ts';

/** What a flush is told beside consent. */
export type FlushTerms = Pick<
  FlushOrder,
  'endpoint' | 'machine' | 'network' | 'now' | 'deadlineMs'
>;

/**
 * Opens the sender thread when there is something for it to do, and closes it afterwards. Loading
 * the pool is left to the first flush: no process that only counts pays for it.
 */
export class Flusher {
  readonly #watch: ConsentWatch;
  readonly #thread: string | URL | undefined;
  #opening: Promise<Sender> | undefined;
  #sender: Sender | undefined;
  /**
   * What the first thread has compiled. A thread that compiles it anew has V8 optimize it anew: 0.15 s
   * of another core, and up to 30 MB more that the allocator keeps, in a server after every flush.
   */
  #engine: Engine | undefined;
  #flushes = 0;
  #closes = 0;
  #unhook: (() => void) | undefined;
  #isKeptWarm = false;

  /** `thread` is the file of the sender thread, where the host has moved it. */
  constructor(watch: ConsentWatch, thread?: string | URL) {
    this.#watch = watch;
    this.#thread = thread;
  }

  /**
   * Starts the thread ahead of a flush that is certain to come, and keeps it until `close`. Starts none
   * while nothing may be sent.
   */
  async warmUp(now: number): Promise<void> {
    try {
      if (this.#isWaiting(now)) return;
      this.#isKeptWarm = true;
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
    } catch (error) {
      const failed = failedBy(error);
      noteFailure(this.#watch, failed, terms.now);
      return failed;
    }
    const closes = this.#closes;
    const result = await this.#flushInThread(terms).catch(failedBy);
    // A host that closes has ended the flush itself.
    if (closes === this.#closes) noteFailure(this.#watch, result, terms.now);
    return result;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.#closes += 1;
    this.#isKeptWarm = false;
    await this.#endThread();
  }

  async #endThread(): Promise<void> {
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
    this.#unhook ??= hookExit({
      onEnd: () => {
        this.#abandon();
      },
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
        if (!this.#isKeptWarm) await this.#endThread();
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
    this.#opening ??= openSender(this.#watch.paths.dataDir, this.#thread);
    const sender = await this.#opening.catch((error: unknown) => {
      // A process without room for a thread may have some at its next flush.
      this.#opening = undefined;
      throw error;
    });
    this.#sender = sender;
    this.#engine = await sender.warmUp(this.#engine);
    return sender;
  }

  #reasonToStayIdle(now: number): FlushResult['outcome'] | undefined {
    const consent = this.#watch.look();
    if (consent.mode === 'off') return 'off';
    const { dataDir } = this.#watch.paths;
    const buffer = files.statSync(`${dataDir}/${bufferFile}`, { throwIfNoEntry: false });
    if (this.#isWaiting(now))
      return (buffer?.size ?? 0) < rollUpBufferBytes ? 'waiting' : undefined;
    const isEmpty =
      buffer === undefined && !files.existsSync(`${dataDir}/${ledgerFile}`) && !hasClaim(dataDir);
    return isEmpty ? 'nothing-to-send' : undefined;
  }

  /** Whether nothing may be sent now: by consent, or after a failure. Without a thread, that is cheap. */
  #isWaiting(now: number): boolean {
    const { consent, paths } = this.#watch;
    if (!maySend(consent, now)) return true;
    const ledger = readText(`${paths.dataDir}/${ledgerFile}`, maxLedgerBytes, files);
    return ledger.state === 'read' && waitMsIn(ledger.text, now) > 0;
  }
}

/** Whether an earlier flush left a claim before there was a ledger. */
function hasClaim(dataDir: string): boolean {
  const spool = `${dataDir}/${spoolFolder}`;
  return (
    files.existsSync(spool) && files.readdirSync(spool).some((name) => name.startsWith(claimPrefix))
  );
}

function failedBy(error: unknown): FlushResult {
  return { outcome: 'failed', sentReports: 0, sentEvents: 0, detail: String(error) };
}
