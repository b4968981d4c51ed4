import { commandFlushDeadlineMs } from '../../../contract/limits.ts';
import type { InstallScope } from '../../../contract/report/lists.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { CommandLine } from '../command-line.ts';
import type { Engine } from '../engine.ts';
import { openOwnTelemetry } from '../own-telemetry.ts';
import type { Ending } from '../run-engine.ts';
import { readContext } from '../telemetry/context.ts';
import type { Surroundings } from './agent-folders.ts';
import { askUninstall } from './ask-uninstall.ts';
import { findConfigured } from './configured.ts';
import { isTerminal, openDialog } from './dialog.ts';
import { giveUp, refuse } from './endings.ts';
import { decidedArgs, type InstallLine, keepCommand, readScope } from './install-line.ts';
import { offerToForget } from './offer-to-forget.ts';
import { runHeld } from './run-held.ts';
import { SignalHold } from './signal-hold.ts';
import { readSurroundings } from './surroundings.ts';

const noTerminal = `uninstall asks what to remove, and here is no terminal to ask on. In a script:

  codegraph uninstall --yes [--target <ids>] [--location global|local]
`;

/**
 * `codegraph uninstall`: asks, has the engine remove what was decided, and offers to delete what
 * telemetry has stored. The engine's command stays unless somebody asked for that too.
 */
export async function uninstall(
  engine: Engine,
  line: CommandLine,
  request: InstallLine,
): Promise<Ending> {
  const at = readSurroundings();
  const telemetry = openOwnTelemetry(engine, line);
  // With a location the engine asks nothing either.
  if (request.isYes || (request.location !== undefined && !isTerminal())) {
    const scope = readScope(request.location ?? 'global') ?? 'global';
    return await remove(engine, telemetry, { args: request.args, scope, at });
  }
  if (!isTerminal()) return refuse(noTerminal);
  const dialog = await openDialog();
  dialog.begin(`codegraph ${engine.version}`);
  const answer = await askUninstall(dialog, request, at);
  if (answer === undefined) {
    dialog.giveUp('Nothing was removed.');
    return giveUp();
  }
  dialog.end('The engine removes it now.');
  const { ids, scope, removesCommand } = answer;
  const decided = decidedArgs(request, { target: ids.join(','), location: scope });
  const args = removesCommand ? decided.filter((arg) => arg !== keepCommand) : decided;
  const ending = await remove(engine, telemetry, { args, scope, at });
  await telemetry.close();
  if (ending.wasSignalled) return ending;
  const isForgotten = await offerToForget(dialog, readContext(line.hasFlag), at);
  return isForgotten || ending.code !== 0 ? ending : { ...ending, code: 1 };
}

interface Removal {
  readonly args: readonly string[];
  readonly scope: InstallScope;
  readonly at: Surroundings;
}

/**
 * Has the engine remove, and says of which agents by looking at their files before and after. The
 * event has a second and a half to leave, and leaves only by a consent that was there before.
 */
async function remove(
  engine: Engine,
  telemetry: Telemetry,
  { args, scope, at }: Removal,
): Promise<Ending> {
  const { maySend, consent } = telemetry.status();
  if (maySend) void telemetry.warmUp();
  const before = consent.mode === 'off' ? [] : findConfigured(scope, at);
  const ending = await runUninstaller(engine, args);
  const after = before.length === 0 ? [] : findConfigured(scope, at);
  const targets = before.filter((id) => !after.includes(id));
  const isDone = ending.code === 0 && ending.signal === undefined;
  telemetry.count('cli_command', 'uninstall', { ok: isDone });
  if (targets.length > 0) telemetry.record('uninstall', { targets });
  telemetry.persist();
  if (maySend && !ending.wasSignalled) await telemetry.flush({ timeoutMs: commandFlushDeadlineMs });
  return ending;
}

async function runUninstaller(engine: Engine, args: readonly string[]): Promise<Ending> {
  using hold = new SignalHold();
  return await runHeld(engine, args, hold);
}
