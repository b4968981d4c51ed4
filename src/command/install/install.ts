import type { CommandLine } from '../command-line.ts';
import type { Engine } from '../engine.ts';
import type { Ending } from '../run-engine.ts';
import { choose, type ChoiceResult } from '../../consent/choose.ts';
import { readContext, type TelemetryContext } from '../telemetry/context.ts';
import { askInstall, type InstallDecision } from './ask-install.ts';
import { configure } from './configure.ts';
import { answerByFlag, readMode } from './consent-flag.ts';
import { type Dialog, isTerminal, openDialog } from './dialog.ts';
import { giveUp, refuse } from './endings.ts';
import { decidedArgs, type InstallLine, readScope, readTargets } from './install-line.ts';
import { SignalHold } from './signal-hold.ts';
import { readSurroundings } from './surroundings.ts';

const noTerminal = `install asks a few questions, and here is no terminal to ask them on. In a script:

  codegraph install --yes [--target <ids>] [--location global|local] [--telemetry on|off|local]
`;

/**
 * `codegraph install`: asks, then has the engine write what was decided. Before the last answer
 * nothing is written anywhere, save that a cancel at the toggle is stored as the no that it is.
 */
export async function install(
  engine: Engine,
  line: CommandLine,
  request: InstallLine,
): Promise<Ending> {
  const { telemetry } = request;
  if (telemetry !== undefined && readMode(telemetry) === undefined) {
    return refuse(`--telemetry is ${telemetry || 'empty'}; expected on, off or local`);
  }
  if (request.isYes) return await installUnasked(engine, line, request);
  return isTerminal() ? await installAsked(engine, line, request) : refuse(noTerminal);
}

async function installUnasked(
  engine: Engine,
  line: CommandLine,
  request: InstallLine,
): Promise<Ending> {
  using hold = new SignalHold();
  const stored = storeFlag(readContext(line.hasFlag), request);
  if (stored?.ok === false) return refuse(stored.message);
  if (stored !== undefined) process.stderr.write(`${stored.message}\n`);
  const scope = readScope(request.location ?? 'global') ?? 'global';
  const ids = readTargets(request.target ?? 'auto') ?? [];
  const at = readSurroundings();
  return await configure(engine, line, { ...request, ids, scope, at, hold });
}

async function installAsked(
  engine: Engine,
  line: CommandLine,
  request: InstallLine,
): Promise<Ending> {
  const context = readContext(line.hasFlag);
  const at = readSurroundings();
  const dialog = await openDialog();
  dialog.begin(`codegraph ${engine.version}`);
  const answer = await askInstall(dialog, request, context, at);
  if (answer.kind === 'refused') return refuseTelemetry(dialog, context);
  if (answer.kind === 'cancelled') {
    dialog.giveUp('Nothing was installed.');
    return giveUp();
  }
  using hold = new SignalHold();
  const stored = storeAnswer(context, request, answer);
  if (stored?.ok === false) return refuse(`${stored.message}. Nothing was installed.`);
  dialog.end(stored?.message ?? 'The engine writes it now.');
  const args = decidedArgs(request, { target: answer.ids.join(','), location: answer.scope });
  const { ids, scope } = answer;
  const ending = await configure(engine, line, { ...request, args, ids, scope, at, hold });
  if (ending.wasSignalled && ending.code === 0) process.stderr.write(tooLate);
  return ending;
}

const tooLate = 'It was too late to stop: all of it is written. To undo it: codegraph uninstall\n';

function storeAnswer(
  context: TelemetryContext,
  request: InstallLine,
  { consent }: InstallDecision,
): ChoiceResult | undefined {
  return consent === 'decided'
    ? storeFlag(context, request)
    : choose(context.watch, consent, 'installer');
}

function storeFlag(
  context: TelemetryContext,
  { telemetry }: InstallLine,
): ChoiceResult | undefined {
  const mode = telemetry === undefined ? undefined : readMode(telemetry);
  return mode && answerByFlag(context, mode);
}

/** Whoever leaves at this question does not want it: the answer is kept, and they are not asked again. */
function refuseTelemetry(dialog: Dialog, context: TelemetryContext): Ending {
  const { ok, message } = choose(context.watch, 'off', 'installer');
  if (!ok) return refuse(`${message}. Nothing was installed.`);
  dialog.giveUp('Nothing was installed, and telemetry is off.');
  return giveUp();
}
