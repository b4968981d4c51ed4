import { spawn } from 'node:child_process';
import type { Engine } from '../engine.ts';
import { type Ending, engineEnv } from '../run-engine.ts';
import type { SignalHold } from './signal-hold.ts';

/**
 * Runs the engine's installer out of reach of the terminal's keys, so that Ctrl-C cannot stop it
 * between one agent's configuration and the next. Rejects if it cannot be started.
 */
export async function runHeld(
  engine: Engine,
  args: readonly string[],
  hold: SignalHold,
): Promise<Ending> {
  const child = spawn(engine.file, [...engine.prefix, ...args], {
    stdio: 'inherit',
    env: engineEnv(),
    // A session of its own. On Windows that would be a window of its own.
    detached: process.platform !== 'win32',
  });
  hold.onInsist((signal) => child.kill(signal));
  return await new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve({ code: code ?? 1, signal: signal ?? undefined, wasSignalled: hold.wasAsked });
    });
  });
}
