import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { type Engine, frontVariable } from './engine.ts';

/** How a child ended: by itself with a code, or by a signal. */
export interface Ending {
  readonly code: number;
  readonly signal: NodeJS.Signals | undefined;
  /** A signal was handed on to it before: its sender waits only for the end. */
  readonly wasSignalled: boolean;
}

/** What a caller may send to the front and mean the engine. Windows knows Ctrl-C, and ends a process by the rest. */
export function forwardedSignals(
  platform: NodeJS.Platform = process.platform,
): readonly NodeJS.Signals[] {
  return platform === 'win32' ? ['SIGINT'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];
}

/** A child that was started. Signals are handed on to it until it ends. */
export interface Started<Child extends ChildProcess> {
  readonly child: Child;
  /** Rejects if it could not be started. */
  readonly ended: Promise<Ending>;
}

/** A server with pipes in the place of stdin and stdout. */
export type PipedServer = ChildProcessByStdio<Writable, Readable, null>;

/** Starts the engine on this process's own streams. */
export function startEngine(
  engine: Engine,
  args: readonly string[],
  env = engineEnv(),
): Started<ChildProcess> {
  // A terminal sends its keys' signals to the whole foreground group: the engine has had them.
  const hasTerminal = [0, 1, 2].some((stream) => isatty(stream));
  return start(() => spawnEngine(engine, args, 'inherit', env), hasTerminal);
}

/** The same for a server: its client sends it signals, also with a terminal at its stderr. */
export function startServer(engine: Engine, args: readonly string[]): Started<ChildProcess> {
  return start(() => spawnEngine(engine, args, 'inherit'), false);
}

/** The same for a server whose bytes are to be relayed. */
export function startPipedServer(engine: Engine, args: readonly string[]): Started<PipedServer> {
  // With pipes asked for, the child has them.
  const open = () => spawnEngine(engine, args, ['pipe', 'pipe', 'inherit']) as PipedServer;
  return start(open, false);
}

function spawnEngine(
  { file, prefix }: Engine,
  args: readonly string[],
  stdio: 'inherit' | ['pipe', 'pipe', 'inherit'],
  env = engineEnv(),
): ChildProcess {
  return spawn(file, [...prefix, ...args], { stdio, env });
}

/**
 * Its own telemetry stays silent: what it does is counted here, or nowhere. And it watches the
 * process that asked for it, as it does behind its own launchers, not this one in between.
 */
export function engineEnv(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    [frontVariable]: undefined,
    CODEGRAPH_TELEMETRY: '0',
    CODEGRAPH_HOST_PPID: process.env['CODEGRAPH_HOST_PPID'] ?? String(process.ppid),
  };
}

function start<Child extends ChildProcess>(
  spawnChild: () => Child,
  getsKeys: boolean,
): Started<Child> {
  let wasSignalled = false;
  const forward = (signal: NodeJS.Signals): void => {
    if (getsKeys && (signal === 'SIGINT' || signal === 'SIGQUIT')) return;
    wasSignalled = true;
    child.kill(signal);
  };
  const signals = forwardedSignals();
  // Before the child is there: a signal between the two would end us, and leave it behind.
  for (const signal of signals) process.on(signal, forward);
  const child = spawnChild();
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve({ code: code ?? 1, signal: signal ?? undefined, wasSignalled });
    });
  }).finally(() => {
    for (const signal of signals) process.removeListener(signal, forward);
  });
  // A child that cannot be started may fail before anything awaits this.
  ended.catch(() => undefined);
  return { child, ended };
}
