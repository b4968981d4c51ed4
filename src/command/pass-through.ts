import { constants } from 'node:os';
import type { CommandLine } from './command-line.ts';
import { type Engine, findEngine } from './engine.ts';
import { type Ending, startEngine } from './run-engine.ts';

const missingEngine = `codegraph: the engine is not installed. Install it with

  npm install @colbymchenry/codegraph

or name it: CODEGRAPH_ENGINE=/path/to/codegraph
`;

/**
 * Runs the engine in this command's place: same streams, same signals, same end. The engine is
 * started first; what counts it is loaded while it works.
 */
export async function passThrough(line: CommandLine): Promise<void> {
  const engine = findEngine(process.env);
  if (engine === undefined) {
    process.stderr.write(missingEngine);
    process.exit(127);
  }
  try {
    endLike(await (isMcpServer(line) ? serve(engine, line) : run(engine, line)));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`codegraph: ${engine.file} cannot be started: ${message}\n`);
    process.exit(127);
  }
}

async function run(engine: Engine, line: CommandLine): Promise<Ending> {
  const startedAt = Date.now();
  const { ended } = startEngine(engine, line.args);
  const { command } = line;
  try {
    if (command !== undefined) {
      const { countRun } = await import('./count-run.ts');
      await countRun({ engine, line, command, startedAt, ended });
    }
  } catch {
    // Whatever failed in counting: the user asked for the engine, and gets its end.
  }
  return await ended;
}

async function serve(engine: Engine, line: CommandLine): Promise<Ending> {
  const { serve: serveTapped } = await import('./serve/serve.ts');
  return await serveTapped(engine, line);
}

/** On a terminal nobody speaks the protocol: the engine explains that, and ends. */
function isMcpServer({ command, args }: CommandLine): boolean {
  return command === 'serve' && args.includes('--mcp') && !process.stdin.isTTY;
}

// Our exit hooks take microseconds; this is for a signal that does not end the process after all.
const signalGraceMs = 1_000;

/** Ends this process as the engine ended: with its code, or by its signal. */
function endLike({ code, signal }: Ending): void {
  if (signal === undefined) process.exit(code);
  const shellCode = 128 + constants.signals[signal];
  // Node ignores SIGPIPE, and takes SIGUSR1 for a call to its debugger: it would live on.
  if (signal === 'SIGPIPE' || signal === 'SIGUSR1') process.exit(shellCode);
  process.kill(process.pid, signal);
  // Our exit hooks get the signal in a later turn of the event loop, which must not run empty first.
  setTimeout(() => process.exit(shellCode), signalGraceMs);
}
