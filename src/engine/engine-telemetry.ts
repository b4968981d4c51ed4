/** `codegraph-telemetry/engine`: the engine's own telemetry module, by its names, upon our parts. */
import files from 'node:fs';
import { findEngineQueues } from '../../contract/clear-spool.ts';
import type { DecidedBy } from '../../contract/consent.ts';
import { choiceFileName } from '../../contract/files.ts';
import { commandFlushDeadlineMs } from '../../contract/limits.ts';
import type { CounterKind } from '../../contract/report/lists.ts';
import type { Client } from '../counting/counters.ts';
import type { LifecycleFacts } from '../counting/lifecycle.ts';
import { whyNoThread } from '../sending/thread-room.ts';
import {
  openTelemetry,
  type Telemetry,
  type TelemetryOptions,
  type TelemetryStatus,
} from '../telemetry.ts';

/** Which decision holds, in the words of the engine: it has `config` for a stored choice. */
export interface EngineStatus {
  readonly enabled: boolean;
  readonly decidedBy: Exclude<DecidedBy, 'stored'> | 'config';
  readonly machineId: string | null;
  readonly configPath: string;
}

/** What the engine calls at its 20 places. No method throws. */
export interface EngineTelemetry {
  /** Counts one use, in memory. */
  recordUsage(kind: CounterKind, name: string, ok: boolean, client?: Client): void;
  /** Records an `install` or an `uninstall`; an `index` comes by `recordIndexEvent`. */
  recordLifecycle(
    event: 'install' | 'uninstall',
    props: LifecycleFacts['install'] | Partial<LifecycleFacts['uninstall']>,
  ): void;
  /** Shows the notice if it is due, and flushes beside the command. */
  maybeFlush(): void;
  /** Flushes; the process waits for it, so long at the most. */
  flushNow(timeoutMs?: number): Promise<void>;
  /** For a server: a first flush soon, and then every six hours, unless given. */
  startInterval(everyMs?: number): void;
  setEnabled(enabled: boolean, source: 'installer' | 'cli'): void;
  getStatus(): EngineStatus;
  hasStoredChoice(): boolean;
}

/** What the engine's module exports. */
export interface EngineTelemetryModule {
  readonly TELEMETRY_DOCS: string;
  getTelemetry(): EngineTelemetry;
  /** Records that an index was made: its languages and, as buckets, its size and its time. */
  recordIndexEvent(graph: IndexedGraph, result: IndexResult): void;
}

export interface IndexedGraph {
  getStats(): { readonly filesByLanguage: Readonly<Record<string, number>> };
}

export interface IndexResult {
  readonly filesIndexed: number;
  readonly durationMs: number;
}

const docs = 'https://github.com/colbymchenry/codegraph/blob/main/TELEMETRY.md';

/**
 * Makes the module that takes the place of the engine's `src/telemetry/index.ts`. Telemetry is opened
 * at the first call. What an older engine has queued is taken over before the first flush, once, or
 * deleted where telemetry is off.
 *
 * @example
 * module.exports = openEngineTelemetry({ version: require('../../package.json').version });
 *
 * @throws TypeError as `openTelemetry` does, at the first call.
 */
export function openEngineTelemetry(options: TelemetryOptions): EngineTelemetryModule {
  let opened: EngineTelemetry | undefined;
  let telemetry: Telemetry | undefined;
  const open = (): Telemetry => (telemetry ??= openTelemetry(options));
  return {
    TELEMETRY_DOCS: docs,
    getTelemetry: () => (opened ??= speakEngine(open())),
    recordIndexEvent(graph, { filesIndexed, durationMs }) {
      try {
        const languages = Object.entries(graph.getStats().filesByLanguage)
          .filter(([, count]) => count > 0)
          .toSorted(([, one], [, other]) => other - one)
          .map(([language]) => language);
        open().record('index', { languages, fileCount: filesIndexed, durationMs });
      } catch {
        // The engine's own statistics failed; that must not fail its index.
      }
    },
  };
}

function speakEngine(telemetry: Telemetry): EngineTelemetry {
  let takenOver: Promise<void> | undefined;
  async function takeOver(): Promise<void> {
    await (takenOver ??= takeOverQueues(telemetry.status()));
  }
  async function flushNow(timeoutMs = commandFlushDeadlineMs): Promise<void> {
    await takeOver();
    await telemetry.flush({ timeoutMs });
  }
  return {
    recordUsage(kind, name, ok, client) {
      telemetry.count(kind, name, { ok, client });
    },
    recordLifecycle(event, props) {
      if (event === 'install') telemetry.record('install', props as LifecycleFacts['install']);
      // Without targets it is an `uninit`, which takes codegraph away from one project alone.
      else if (props.targets !== undefined)
        telemetry.record('uninstall', { targets: props.targets });
    },
    maybeFlush() {
      void tellFirst(telemetry).then(() => flushNow());
    },
    flushNow,
    startInterval(everyMs) {
      void takeOver();
      telemetry.flushEvery(everyMs);
    },
    setEnabled(enabled, source) {
      telemetry.choose(enabled ? 'on' : 'off', source);
    },
    getStatus() {
      const { consent, machineId, paths } = telemetry.status();
      const { mode, decidedBy } = consent;
      return {
        enabled: mode !== 'off',
        decidedBy: decidedBy === 'stored' ? 'config' : decidedBy,
        machineId,
        configPath: paths === undefined ? '' : `${paths.dataDir}/${choiceFileName}`,
      };
    },
    hasStoredChoice: () => telemetry.status().storedMode !== null,
  };
}

// What follows is needed once on a machine, and would be read at each start: it is loaded when it is.

/** Shows the notice where it is due. Never rejects. */
async function tellFirst(telemetry: Telemetry): Promise<void> {
  const { consent, paths } = telemetry.status();
  const { mode, decidedBy, sendFrom } = consent;
  if (mode !== 'on' || decidedBy !== 'default' || sendFrom !== Infinity) return;
  try {
    if (!hasRoom(paths)) return;
    const { showNotice } = await import('../hosts.ts');
    showNotice(telemetry);
  } catch {
    // A package that was updated meanwhile has lost its file. Without a notice, nothing is sent.
  }
}

/** Takes over what an older engine has queued. Never rejects. */
async function takeOverQueues({ consent, paths }: TelemetryStatus): Promise<void> {
  try {
    if (paths === undefined || findEngineQueues(paths.dataDir, files).length === 0) return;
    if (!hasRoom(paths)) return;
    const { takeOverQueue } = await import('./old-queue.ts');
    takeOverQueue({ consent, paths });
  } catch {
    // It stays for the next process.
  }
}

/** To read a module, Node starts threads. */
function hasRoom(paths: TelemetryStatus['paths']): boolean {
  return paths !== undefined && whyNoThread(paths.dataDir) === undefined;
}
