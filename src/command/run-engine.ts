import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { isatty } from 'node:tty';
import type { Engine } from './engine.ts';

/** How a child ended: by itself with a code, or by a signal. */
export interface Ending {
  readonly code: number;
  readonly signal: NodeJS.Signals | undefined;
}

// What a caller may send to the front and mean the engine.
const forwardedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const;

/** A child that was started. */
export interface Started<Child extends ChildProcess> {
  readonly child: Child;
  /** Rejects if it could not be started. */
  readonly ended: Promise<Ending>;
}

/** Starts the engine on this process's own streams, and hands signals on to it until it ends. */
export function startEngine(engine: Engine, args: readonly string[]): Started<ChildProcess> {
  const options = { stdio: 'inherit', env: engineEnv() } as const;
  return start(() => spawn(engine.file, [...engine.prefix, ...args], options));
}

/** The same with pipes in the place of stdin and stdout. */
export function startServer(
  engine: Engine,
  args: readonly string[],
): Started<ChildProcessByStdio<Writable, Readable, null>> {
  const stdio: ['pipe', 'pipe', 'inherit'] = ['pipe', 'pipe', 'inherit'];
  const options = { stdio, env: engineEnv() };
  return start(() => spawn(engine.file, [...engine.prefix, ...args], options));
}

/** Its own telemetry stays silent: what it does is counted here, or nowhere. */
export function engineEnv(): NodeJS.ProcessEnv {
  return { ...process.env, CODEGRAPH_TELEMETRY: '0' };
}

function start<Child extends ChildProcess>(spawnChild: () => Child): Started<Child> {
  // A terminal sends its keys' signals to the whole foreground group: the engine has had them.
  const hasTerminal = [0, 1, 2].some((stream) => isatty(stream));
  const forward = (signal: NodeJS.Signals): void => {
    const isFromKey = hasTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT');
    if (!isFromKey) child.kill(signal);
  };
  const signals = process.platform === 'win32' ? ['SIGINT' as const] : forwardedSignals;
  // Before the child is there: a signal between the two would end us, and leave it behind.
  for (const signal of signals) process.on(signal, forward);
  const child = spawnChild();
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve({ code: code ?? 1, signal: signal ?? undefined });
    });
  }).finally(() => {
    for (const signal of signals) process.removeListener(signal, forward);
  });
  return { child, ended };
}
