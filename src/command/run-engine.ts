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

/** Starts the engine on this process's own streams. */
export function startEngine(engine: Engine, args: readonly string[]): ChildProcess {
  return spawn(engine.file, [...engine.prefix, ...args], { stdio: 'inherit', env: engineEnv() });
}

/** Starts the engine with pipes in the place of stdin and stdout. */
export function startServer(
  engine: Engine,
  args: readonly string[],
): ChildProcessByStdio<Writable, Readable, null> {
  return spawn(engine.file, [...engine.prefix, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: engineEnv(),
  });
}

/** Its own telemetry stays silent: what it does is counted here, or nowhere. */
export function engineEnv(): NodeJS.ProcessEnv {
  return { ...process.env, CODEGRAPH_TELEMETRY: '0' };
}

/** Waits for the end of a child, and hands signals on to it until then. Rejects if it cannot start. */
export function waitForEnd(child: ChildProcess): Promise<Ending> {
  // A terminal sends its keys' signals to the whole foreground group: the engine has had them.
  const hasTerminal = [0, 1, 2].some((stream) => isatty(stream));
  const forward = (signal: NodeJS.Signals): void => {
    const isFromKey = hasTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT');
    if (!isFromKey) child.kill(signal);
  };
  const signals = process.platform === 'win32' ? ['SIGINT' as const] : forwardedSignals;
  for (const signal of signals) process.on(signal, forward);
  return new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve({ code: code ?? 1, signal: signal ?? undefined });
    });
  }).finally(() => {
    for (const signal of signals) process.removeListener(signal, forward);
  });
}
