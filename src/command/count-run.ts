import { lifecycleWaitMs } from '../../contract/limits.ts';
import type { Command } from '../../contract/report/lists.ts';
import { showNotice } from '../consent/notice.ts';
import type { Telemetry } from '../telemetry.ts';
import type { CommandLine } from './command-line.ts';
import type { Engine } from './engine.ts';
import { askIndexedProject } from './indexed-project.ts';
import { openOwnTelemetry } from './own-telemetry.ts';
import type { Ending } from './run-engine.ts';

/** One run of the engine, as it goes on. */
export interface Run {
  readonly engine: Engine;
  readonly line: CommandLine;
  readonly command: Command;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** The project had an index before: then `init` succeeds and does nothing. */
  readonly hadIndex: boolean;
  readonly ended: Promise<Ending>;
}

// Long enough for a flush to run beside them, unnoticed.
const longCommands: readonly Command[] = ['init', 'index', 'sync', 'upgrade', 'uninit'];

// These end in an `index` event, for which the front may stay a moment.
const indexingCommands: readonly Command[] = ['init', 'index'];

/**
 * Counts a run when it has ended, with its outcome. Beside a long command it has earlier days sent;
 * after one that indexed, it stays up to a second for the event, if that may leave at all.
 */
export async function countRun(run: Run): Promise<void> {
  const { engine, line, command, ended } = run;
  const telemetry = openOwnTelemetry(engine, line);
  if (longCommands.includes(command)) {
    if (!line.isQuiet) showNotice(telemetry);
    void flushBeside(telemetry, indexingCommands.includes(command));
  }
  const { code, signal } = await ended;
  const ok = code === 0 && signal === undefined;
  telemetry.count('cli_command', command, { ok });
  telemetry.persist();
  const hasIndexed = command === 'index' || (command === 'init' && !run.hadIndex);
  if (ok && hasIndexed) await reportIndex(telemetry, run);
}

/** Sends what earlier days have left, and gets the thread ready for an event that is to come. */
async function flushBeside(telemetry: Telemetry, willReport: boolean): Promise<void> {
  await telemetry.flush();
  if (willReport && telemetry.status().maySend) await telemetry.warmUp();
}

/** Records what was indexed, if that may leave, and stays up to a second for it. */
export async function reportIndex(
  telemetry: Telemetry,
  run: Pick<Run, 'engine' | 'line' | 'startedAt'>,
): Promise<void> {
  if (!telemetry.status().maySend) return;
  const endedAt = performance.now();
  const durationMs = Date.now() - run.startedAt;
  const project = await askIndexedProject(run.engine, run.line.operand ?? '.', lifecycleWaitMs);
  if (project === undefined) return;
  telemetry.record('index', { ...project, durationMs });
  telemetry.persist();
  const leftMs = lifecycleWaitMs - (performance.now() - endedAt);
  if (leftMs > 0) await telemetry.flush({ timeoutMs: leftMs });
}
