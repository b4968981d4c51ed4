import files from 'node:fs';
import { clearIfTurnedOff } from '../../../contract/clear-spool.ts';
import { lifecycleWaitMs } from '../../../contract/limits.ts';
import { showNotice } from '../../consent/notice.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { CommandLine } from '../command-line.ts';
import { reportIndex } from '../count-run.ts';
import type { Engine } from '../engine.ts';
import { openOwnTelemetry } from '../own-telemetry.ts';
import { hasIndex } from '../index-folder.ts';
import { type Ending, startEngine } from '../run-engine.ts';
import type { Surroundings } from './agent-folders.ts';
import type { AgentId } from './agents.ts';
import { findConfigured } from './configured.ts';
import type { InstallLine } from './install-line.ts';
import { kindOf, readInstalledVersion, writeInstalledVersion } from './install-record.ts';
import { runHeld } from './run-held.ts';
import type { SignalHold } from './signal-hold.ts';
import type { Selection } from './who-and-where.ts';

/** What the engine is to write, decided to the last. */
export interface InstallOrder extends Pick<InstallLine, 'args' | 'hasInit'>, Selection {
  readonly at: Surroundings;
  readonly hold: SignalHold;
}

/**
 * Has the engine write, and tells what became of it by looking at the agents' files before and
 * after. Then stays up to a second for the event, if that may leave.
 */
export async function configure(
  engine: Engine,
  line: CommandLine,
  order: InstallOrder,
): Promise<Ending> {
  const telemetry = openOwnTelemetry(engine, line);
  showNotice(telemetry);
  const before = isOff(telemetry) ? [] : findConfigured(order.scope, order.at);
  const hadIndex = hasIndex(order.at.project, order.at.env);
  const startedAt = Date.now();
  // Of days before nothing is sent yet: this is over too soon for two flushes.
  if (telemetry.status().maySend) void telemetry.warmUp();
  const ending = await runInstaller(engine, order);
  const isDone = ending.code === 0 && ending.signal === undefined;
  telemetry.count('cli_command', 'install', { ok: isDone });
  if (!isOff(telemetry)) recordInstall(telemetry, engine, order, before, isDone);
  telemetry.persist();
  // Somebody wants to leave.
  if (ending.wasSignalled || ending.signal !== undefined) return ending;
  const endedAt = performance.now();
  if (isDone && order.hasInit && !hadIndex) {
    const ofThisFolder = { ...line, operand: undefined };
    await reportIndex(telemetry, { engine, line: ofThisFolder, startedAt });
  }
  const leftMs = lifecycleWaitMs - (performance.now() - endedAt);
  if (leftMs > 0 && telemetry.status().maySend) await telemetry.flush({ timeoutMs: leftMs });
  return ending;
}

function isOff(telemetry: Telemetry): boolean {
  return telemetry.status().consent.mode === 'off';
}

async function runInstaller(
  engine: Engine,
  { args, hasInit, hold }: InstallOrder,
): Promise<Ending> {
  if (!hasInit) {
    const ending = await runHeld(engine, args, hold);
    hold[Symbol.dispose]();
    return ending;
  }
  // Indexing may take minutes: the keys are the engine's, as in `codegraph init`.
  hold[Symbol.dispose]();
  return await startEngine(engine, args).ended;
}

function recordInstall(
  telemetry: Telemetry,
  { version }: Engine,
  { ids, scope, at }: InstallOrder,
  before: readonly AgentId[],
  isDone: boolean,
): void {
  const after = findConfigured(scope, at);
  // An engine that failed half-way has not said how far it came: only what is new is certain.
  const targets = ids.filter((id) => after.includes(id) && (isDone || !before.includes(id)));
  const { paths } = telemetry.status();
  if (targets.length === 0 || paths === undefined) return;
  const kind = kindOf(before.length > 0, readInstalledVersion(paths.dataDir), version);
  telemetry.record('install', { targets, scope, kind });
  try {
    writeInstalledVersion(paths.dataDir, version);
    // `off` may have come in between, and has not seen it.
    clearIfTurnedOff(telemetry.status().consent, paths.dataDir, files);
  } catch {
    // A home that cannot be written: then the next install counts as a repetition.
  }
}
