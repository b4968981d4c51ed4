import files from 'node:fs';
import { readChoice } from '../../../contract/choice-file.ts';
import { clearSpool } from '../../../contract/clear-spool.ts';
import { choiceFileName, spoolFolder } from '../../../contract/files.ts';
import { commandFlushDeadlineMs } from '../../../contract/limits.ts';
import type { CommandLine } from '../command-line.ts';
import type { Engine } from '../engine.ts';
import { openOwnTelemetry } from '../own-telemetry.ts';
import type { Ending } from '../run-engine.ts';
import { readContext } from '../telemetry/context.ts';
import type { InstallLine } from './install-line.ts';
import { isTerminal, openPrompt, refuse } from './prompt.ts';
import { type InstallerRun, runInstaller } from './run-installer.ts';

const noTerminal = `uninstall asks what to remove, and this is not an interactive terminal. In a script:

  codegraph uninstall --yes [--target <ids>] [--location global|local]
`;

/**
 * `codegraph uninstall`: runs the engine's own uninstaller, then offers to delete what telemetry
 * has stored. The engine's command stays, unless `--remove-cli` says otherwise.
 */
export async function uninstall(
  engine: Engine,
  line: CommandLine,
  request: InstallLine,
): Promise<Ending> {
  const isAsked = !request.isYes && isTerminal();
  // With a location, the engine asks nothing.
  if (!isAsked && !request.isYes && !request.hasLocation) return refuse(noTerminal);
  const { dataDir } = readContext(line.hasFlag).watch.paths;
  const { ending, isDone, agents, isInterrupted } = await uninstallAndReport(engine, line, request);
  if (!isAsked || !isDone || isInterrupted) return ending;
  const left = agents && [...agents.after.global, ...agents.after.local];
  // Agents are left, and none is gone: the engine's dialog was cancelled.
  if (agents && left && left.length > 0 && removedIn(agents).length === 0) return ending;
  const isDeleted = await offerToDelete(dataDir, left?.length === 0);
  return isDeleted ? ending : { ...ending, code: 1 };
}

/**
 * Runs the engine's uninstaller and records what it removed. The event has a second and a half to
 * leave, by a consent that was there before.
 */
async function uninstallAndReport(
  engine: Engine,
  line: CommandLine,
  request: InstallLine,
): Promise<InstallerRun> {
  const telemetry = openOwnTelemetry(engine, line);
  const { maySend } = telemetry.status();
  const run = await runInstaller(engine, request, telemetry, commandFlushDeadlineMs);
  const targets = run.agents === undefined ? [] : removedIn(run.agents);
  if (targets.length > 0) telemetry.record('uninstall', { targets });
  telemetry.persist();
  const leftMs = run.leftMs();
  if (maySend && leftMs > 0 && !run.isInterrupted) await telemetry.flush({ timeoutMs: leftMs });
  await telemetry.close();
  return run;
}

function removedIn({ before, after }: NonNullable<InstallerRun['agents']>): readonly string[] {
  return [
    ...before.global.filter((id) => !after.global.includes(id)),
    ...before.local.filter((id) => !after.local.includes(id)),
  ];
}

/**
 * Offers to delete what telemetry has stored; yes is preset when no agent is left. A choice against
 * sending stays: without it, telemetry would be on by default for whatever comes next. Returns false
 * when it could not be deleted.
 */
async function offerToDelete(dataDir: string, isLast: boolean): Promise<boolean> {
  const choice = readChoice(dataDir, files);
  const isOn = choice.state === 'read' && choice.choice.mode === 'on';
  if (!isOn && !files.existsSync(`${dataDir}/${spoolFolder}`)) return true;
  const kept = choice.state === 'none' || isOn ? '' : ' Your choice not to send is kept.';
  using prompt = await openPrompt();
  const question = `Delete what telemetry has stored on this machine?${kept}`;
  if ((await prompt.confirm(question, isLast)) !== true) {
    prompt.write('outro', 'Nothing was deleted. To delete it later: codegraph telemetry off');
    return true;
  }
  try {
    clearSpool(dataDir, files);
    if (isOn) files.rmSync(`${dataDir}/${choiceFileName}`, { force: true });
    prompt.write('outro', 'Deleted.');
    return true;
  } catch (error) {
    prompt.write(
      'cancel',
      `It could not be deleted: ${error instanceof Error ? error.message : 'unknown'}`,
    );
    return false;
  }
}
