import type { ConsentOverrides, ConsentPaths } from './consent.ts';
import type { FlushOutcome } from './ledger.ts';
import type { MachineFacts } from './sandbox.ts';

/** What crosses from the main thread to the sender thread: one task, one result. */

export interface FlushTask {
  readonly paths: ConsentPaths;
  /** What the process was told about consent; the files are read again in the thread. */
  readonly overrides: ConsentOverrides;
  readonly endpoint: string;
  readonly machine: MachineFacts;
  readonly network: NetworkSettings;
  /** Epoch milliseconds at the moment of asking. */
  readonly now: number;
  /** For all the sending together. */
  readonly deadlineMs: number;
  /** One Int32 in shared memory, see `Handover`. */
  readonly handover: SharedArrayBuffer;
  /** Random name of this flusher, as it stands in the lock file. */
  readonly flushId: string;
}

/** What the user told Node of the network: the thread has neither the variables nor the flags. */
export interface NetworkSettings {
  /** The variables that name proxies, where Node is told to use them; else undefined. */
  readonly proxyEnv: { readonly [name: string]: string } | undefined;
  /** The system's certificates are trusted too. */
  readonly usesSystemCa: boolean;
}

export interface FlushResult {
  /**
   * How it ended, or why it did not begin. `busy`: another process is flushing. `off`: consent does
   * not allow it. `lost`: the flush was taken away in the middle. `failed`: `detail` says why.
   */
  readonly outcome: FlushOutcome | 'busy' | 'off' | 'lost' | 'failed';
  readonly sentReports: number;
  readonly sentEvents: number;
  /** What went wrong, for `CODEGRAPH_TELEMETRY_DEBUG`; never sent. */
  readonly detail?: string | undefined;
}

/** A look at what a flush would do. Writes nothing, opens no socket. */
export type PreviewTask = Pick<FlushTask, 'paths' | 'machine' | 'now'>;

export interface PreviewResult {
  /** The ledger with everything on the disk counted into it and nothing sealed; as text. */
  readonly ledger: string;
  /** The next POST bodies, as they would be sent. */
  readonly reports: readonly string[];
  /** False when nothing is over yet, and the reports are those of tomorrow. */
  readonly isDue: boolean;
}

/**
 * The state of a flush whose process may exit at any moment. While the thread is inside a commit
 * only the thread may touch the lock; while it is outside, an exiting main thread may abandon the
 * flush, after which the thread never commits again and the lock is the main thread's to remove.
 */
export const Handover = { free: 0, committing: 1, abandoned: 2 } as const;
