import { constants } from 'node:os';
import { isatty } from 'node:tty';
import type { CommandLine } from './command-line.ts';
import { type Engine, findEngine } from './engine.ts';
import { hasIndex } from './index-folder.ts';
import { type Ending, startEngine } from './run-engine.ts';
import { serve } from './serve/serve.ts';

const missingEngine = `codegraph: the engine is not installed. To install it for you on this machine:

  npm install -g @colbymchenry/codegraph

In one project: npm install @colbymchenry/codegraph
Installed elsewhere? Name it: CODEGRAPH_ENGINE=/path/to/codegraph
`;

/** What a command does with the engine; how that ended is how the command ends. */
export type EngineAction = (engine: Engine, line: CommandLine) => Promise<Ending>;

/**
 * Runs the engine in this command's place: same streams, same signals, same end. The engine is
 * started first; what counts it is loaded while it works.
 */
export async function passThrough(
  line: CommandLine,
  act: EngineAction = runOrServe,
): Promise<void> {
  const engine = findEngine(process.env);
  if (engine === undefined) {
    process.stderr.write(missingEngine);
    process.exit(127);
  }
  try {
    endLike(await act(engine, line));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`codegraph: ${engine.file} cannot be started: ${message}\n`);
    process.exit(127);
  }
}

function runOrServe(engine: Engine, line: CommandLine): Promise<Ending> {
  return isMcpServer(line) ? serve(engine, line) : run(engine, line);
}

/** Runs the engine with the line as it is, and counts that. */
export async function run(engine: Engine, line: CommandLine): Promise<Ending> {
  const startedAt = Date.now();
  const { command, operand = '.' } = line;
  const hadIndex = command === 'init' && hasIndex(operand, process.env);
  const { ended } = startEngine(engine, line.args);
  try {
    if (command !== undefined) {
      const { countRun } = await import('./count-run.ts');
      await countRun({ engine, line, command, startedAt, hadIndex, ended });
    }
  } catch {
    // Whatever failed in counting: the user asked for the engine, and gets its end.
  }
  const ending = await ended;
  if (command === 'upgrade') {
    // It had npm put the engine's own command into the place of the front.
    const { keepPlace } = await import('./own/keep-place.ts');
    keepPlace(process.env);
  }
  if (isHelpOfAll(line) && ending.code === 0) process.stdout.write(addedHelp);
  return ending;
}

function isHelpOfAll({ args }: CommandLine): boolean {
  return args.length === 1 && ['help', '-h', '--help'].includes(args[0] ?? '');
}

const addedHelp = `
With codegraph-telemetry:
  telemetry [command]            See and decide what is counted and sent
  --no-telemetry                 Count nothing in this run

  codegraph-telemetry attach, detach, doctor: which program codegraph is
`;

/** On a terminal there is no client: the engine explains that, and ends. */
function isMcpServer({ command, args }: CommandLine): boolean {
  return command === 'serve' && args.includes('--mcp') && !isatty(0);
}

// Our exit hooks take microseconds; this is for a signal that does not end the process after all.
const signalGraceMs = 1_000;

/** Ends this process as the engine ended: with its code, or by its signal. */
function endLike({ code, signal }: Ending): void {
  if (signal === undefined) process.exit(code);
  restoreDefault(signal);
  process.kill(process.pid, signal);
  // Our exit hooks get the signal in a later turn of the event loop, which must not run empty first.
  setTimeout(() => process.exit(128 + constants.signals[signal]), signalGraceMs);
}

/**
 * Node ignores SIGPIPE and SIGXFSZ, and takes SIGUSR1 for a call to its debugger. A listener that
 * goes again leaves the system's own way, which is to end the process; other listeners stay.
 */
function restoreDefault(signal: NodeJS.Signals): void {
  // It cannot be caught.
  if (signal === 'SIGKILL') return;
  const listener = (): void => undefined;
  process.on(signal, listener).removeListener(signal, listener);
}
