import files from 'node:fs';
import { Piscina } from 'piscina';
import { lockFile } from '../../contract/files.ts';
import { readText } from '../../contract/read-file.ts';
import {
  type FlushResult,
  type FlushTask,
  Handover,
  type PreviewResult,
  type PreviewTask,
} from '../../contract/flush.ts';
import { maxLockBytes, threadOldSpaceMb, threadYoungSpaceMb } from '../../contract/limits.ts';
import { findThread } from './find-thread.ts';

// A commit is a rename or two and one fsync: half a millisecond, on a slow disk some ten.
const maxCommitMs = 25;

// Tells the thread's file that it is started as the thread, and not imported by a test.
const threadSign = 'codegraph-telemetry';

// Any length will do: a timer that is not due keeps a process as well as any other.
const holdMs = 60_000;

/** What a caller says of a flush; the sender adds what belongs to the thread. */
export type FlushOrder = Omit<FlushTask, 'handover' | 'flushId'>;

/** The sandbox's engine, compiled; of no use but to a sender thread. */
export type Engine = WebAssembly.Module;

/**
 * One sender thread. It sees no environment and no arguments, writes to no stream, and never keeps the
 * process alive, not even in the middle of a flush.
 */
export class Sender {
  readonly #pool: Piscina;
  readonly #handover = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  /** Flushes that were asked for and have not ended; the thread runs one at a time. */
  readonly #running = new Set<FlushTask>();

  /** @throws Error when the file of the thread is nowhere; `named` is where the host has it. */
  constructor(named?: string | URL) {
    this.#pool = new Piscina({
      // Piscina's own part of the thread is in this file as well: see scripts/build/bundles.ts.
      filename: findThread(named),
      workerData: threadSign,
      // Without the name of an export piscina would make code from a string, which a host may forbid.
      name: 'flush',
      minThreads: 1,
      maxThreads: 1,
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: {
        maxOldGenerationSizeMb: threadOldSpaceMb,
        maxYoungGenerationSizeMb: threadYoungSpaceMb,
      },
      // The default blocks the thread between tasks; this one has sockets to attend to.
      atomics: 'disabled',
      recordTiming: false,
      loadBalancer: giveToTheOne,
    });
    // Without a listener, a thread that cannot start would throw in the host.
    this.#pool.on('error', () => undefined);
  }

  /**
   * Gets the sandbox ready, with the engine that an earlier thread has compiled, and returns that.
   * Rejects when the thread could not.
   */
  async warmUp(engine: Engine | undefined): Promise<Engine> {
    return (await this.#pool.run(engine, { name: 'warmUp' })) as Engine;
  }

  /** One flush. Rejects when the thread could not run it; the counts stay in the spool. */
  async flush(order: FlushOrder): Promise<FlushResult> {
    const { buffer } = this.#handover;
    const task: FlushTask = { ...order, handover: buffer, flushId: randomName() };
    this.#running.add(task);
    try {
      return (await this.#pool.run(task, { name: 'flush' })) as FlushResult;
    } finally {
      this.#running.delete(task);
    }
  }

  /**
   * What a flush would send, with everything left as it is. The process waits for it: somebody has
   * asked. Rejects when the thread could not.
   */
  async preview(task: PreviewTask): Promise<PreviewResult> {
    const hold = setInterval(() => undefined, holdMs);
    try {
      return (await this.#pool.run(task, { name: 'preview' })) as PreviewResult;
    } finally {
      clearInterval(hold);
    }
  }

  /**
   * For a process that is about to exit: takes the flush away from the thread, so that it commits
   * nothing more, and frees the lock for the next one. Synchronous; does nothing without a flush. A
   * commit that is under way is waited for, a few milliseconds at most: else the lock goes stale by
   * itself.
   */
  abandon(): void {
    if (this.#running.size === 0) return;
    const { free, committing, abandoned } = Handover;
    Atomics.wait(this.#handover, 0, committing, maxCommitMs);
    if (Atomics.compareExchange(this.#handover, 0, free, abandoned) !== free) return;
    for (const { paths, flushId } of this.#running)
      removeLock(`${paths.dataDir}/${lockFile}`, flushId);
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function removeLock(path: string, flushId: string): void {
  try {
    const reading = readText(path, maxLockBytes, files);
    if (reading.state === 'read' && reading.text === flushId) files.unlinkSync(path);
  } catch {
    // No lock: the thread had none yet, or `off` took everything.
  }
}

/**
 * Gives each task to the one thread, and takes back the hold on the process that piscina puts on
 * the thread's port for as long as a task runs: it offers no setting for that. A symbol leads to
 * the object that has the port; where it is missing, the process waits for the flush, as is
 * piscina's way.
 */
const giveToTheOne: NonNullable<PiscinaOptions['loadBalancer']> = (_task, [worker]) => {
  // One task at a time: a flush beside another of the same process would only find it busy.
  if (worker === undefined || worker.currentUsage > 0) return null;
  const [key] = Object.getOwnPropertySymbols(worker);
  const info = key && (worker as unknown as Record<symbol, { unref?: () => void }>)[key];
  // The task is posted right after this returns; the hold is taken with it.
  queueMicrotask(() => info?.unref?.());
  return worker;
};

type PiscinaOptions = NonNullable<ConstructorParameters<typeof Piscina>[0]>;

/** Twelve letters and digits: tells flushers apart, protects nothing, costs no crypto module. */
function randomName(): string {
  return Math.random().toString(36).slice(2, 14).padEnd(12, '0');
}
