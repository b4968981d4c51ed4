import files from 'node:fs';
import { clearIfTurnedOff } from '../../../contract/clear-spool.ts';
import { lifecycleWaitMs } from '../../../contract/limits.ts';
import type { InstallScope } from '../../../contract/report/lists.ts';
import { choose, type ChoiceResult } from '../../consent/choose.ts';
import { showNotice } from '../../consent/notice.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { CommandLine } from '../command-line.ts';
import { reportIndex } from '../count-run.ts';
import type { Engine } from '../engine.ts';
import { hasIndex, indexBegunAt } from '../index-folder.ts';
import { openOwnTelemetry } from '../own-telemetry.ts';
import type { Ending } from '../run-engine.ts';
import { readContext, type TelemetryContext } from '../telemetry/context.ts';
import { findPathProblem } from './command-on-path.ts';
import type { InstallLine } from './install-line.ts';
import { kindOf, readInstalledVersion, writeInstalledVersion } from './install-record.ts';
import { isTerminal, openPrompt, refuse } from './prompt.ts';
import { type InstallerRun, runInstaller } from './run-installer.ts';
import { answerByFlag, askConsent, readMode } from './toggle.ts';

const noTerminal = `install asks questions, and this is not an interactive terminal. In a script:

  codegraph install --yes [--target <ids>] [--location global|local] [--telemetry on|off|local]
`;

/**
 * `codegraph install`: settles telemetry, then runs the engine's own installer on the same
 * terminal. The answer about telemetry is stored at once, whatever is answered afterwards.
 */
export async function install(
  engine: Engine,
  line: CommandLine,
  request: InstallLine,
): Promise<Ending> {
  const { telemetry: word, isYes } = request;
  const flag = word === undefined ? undefined : readMode(word);
  if (word !== undefined && flag === undefined) {
    return refuse(`--telemetry is ${word || 'empty'}; expected on, off or local`);
  }
  if (!isYes && !isTerminal()) return refuse(noTerminal);
  const context = readContext(line.hasFlag);
  const answered = flag === undefined ? undefined : answerByFlag(context, flag);
  if (answered?.ok === false) return refuse(`${answered.message}. Nothing was installed.`);
  if (answered !== undefined) process.stderr.write(`${answered.message}\n`);
  if (isYes || flag !== undefined) return await installAndReport(engine, line, request);
  return (await askFirst(context)) ?? (await installAndReport(engine, line, request));
}

// What a shell shows for Ctrl-C.
const cancelled: Ending = { code: 130, signal: undefined, wasSignalled: false };

/** Asks about telemetry and stores the answer. Returns an ending where nothing is to be installed. */
async function askFirst(context: TelemetryContext): Promise<Ending | undefined> {
  using prompt = await openPrompt();
  prompt.write('intro', 'codegraph-telemetry');
  const answer = await askConsent(prompt, context);
  const stored: ChoiceResult | undefined =
    answer === 'decided' ? undefined : choose(context.watch, answer ?? 'off', 'installer');
  if (stored?.ok === false) {
    prompt.write('cancel', `${stored.message}. Nothing was installed.`);
    return { ...cancelled, code: 1 };
  }
  if (answer === undefined) {
    prompt.write('cancel', 'Nothing was installed, and telemetry is off.');
    return cancelled;
  }
  const message = stored === undefined ? '' : `${stored.message}\n`;
  prompt.write('outro', `${message}The engine's own installer follows.`);
  return undefined;
}

/**
 * Runs the engine's installer and records what it changed. Then stays up to a second for the
 * events, if they may leave.
 */
async function installAndReport(
  engine: Engine,
  line: CommandLine,
  request: InstallLine,
): Promise<Ending> {
  const telemetry = openOwnTelemetry(engine, line);
  showNotice(telemetry);
  const hadIndex = hasIndex('.', process.env);
  const startedAt = Date.now();
  const run = await runInstaller(engine, request, telemetry, lifecycleWaitMs);
  if (run.isInterrupted) return run.ending;
  const problem = run.isDone && !request.isYes && findPathProblem(process.env, process.argv[1]);
  if (problem) process.stderr.write(`codegraph: ${problem}\n`);
  recordInstall(telemetry, engine, request, run);
  if (run.isDone && request.hasInit && !hadIndex) {
    // Questions may have come before it.
    const begunAt = Math.max(startedAt, indexBegunAt('.', process.env) ?? 0);
    const here = { ...line, operand: undefined };
    await reportIndex(telemetry, { engine, line: here, startedAt: begunAt });
  }
  const leftMs = run.leftMs();
  const mayReport = run.isDone && telemetry.status().maySend;
  if (mayReport && leftMs > 0) await telemetry.flush({ timeoutMs: leftMs });
  return run.ending;
}

const scopes: readonly InstallScope[] = ['global', 'local'];

/** Records which agents are new. With `--yes`, those that were written again count as well. */
function recordInstall(
  telemetry: Telemetry,
  { version }: Engine,
  { isYes, scope: told }: InstallLine,
  { agents, isDone }: InstallerRun,
): void {
  const { paths, consent } = telemetry.status();
  if (agents === undefined || paths === undefined || consent.mode === 'off') return;
  const { before, after } = agents;
  for (const scope of scopes) {
    const again = isYes && isDone && scope === told ? before.meant : [];
    const targets = after[scope].filter((id) => !before[scope].includes(id) || again.includes(id));
    if (targets.length === 0) continue;
    const kind = kindOf(before[scope].length > 0, readInstalledVersion(paths.dataDir), version);
    telemetry.record('install', { targets, scope, kind });
    telemetry.persist();
    rememberVersion(telemetry, paths.dataDir, version);
  }
}

function rememberVersion(telemetry: Telemetry, dataDir: string, version: string): void {
  try {
    writeInstalledVersion(dataDir, version);
    // `off` may have come in between, and has not seen it.
    clearIfTurnedOff(telemetry.status().consent, dataDir, files);
  } catch {
    // A home that cannot be written: then the next install counts as a repetition.
  }
}
