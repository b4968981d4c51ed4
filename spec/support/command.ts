import { type Ended, run } from './programs.ts';
import type { TestHome } from './home.ts';
import { engine, front, preload } from './paths.ts';

/** What a command is run with, beside its arguments. */
export interface CommandOptions {
  /** Added to an environment that has nothing but a PATH and the home. */
  readonly env?: NodeJS.ProcessEnv;
  /** The project of the home, unless given. */
  readonly cwd?: string;
  /** Milliseconds by which its clock, and that of what it starts, is ahead. */
  readonly clockShiftMs?: number;
}

/** Runs our `codegraph`, as built. */
export async function runFront(
  home: TestHome,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Ended> {
  return await run(process.execPath, [front, ...args], settings(home, options));
}

/** Runs the engine without us. Its own telemetry is off. */
export async function runEngine(
  home: TestHome,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Ended> {
  const { env, cwd } = settings(home, options);
  return await run(engine, args, { env: { ...env, CODEGRAPH_TELEMETRY: '0' }, cwd });
}

/** Where and with which environment a program of a test is run. */
export function settings(
  { home, project }: TestHome,
  { env, cwd = project, clockShiftMs }: CommandOptions,
): { readonly env: NodeJS.ProcessEnv; readonly cwd: string } {
  const clock =
    clockShiftMs === undefined
      ? {}
      : { NODE_OPTIONS: preload('shift-clock.mjs'), CLOCK_SHIFT_MS: String(clockShiftMs) };
  return { env: { PATH: process.env['PATH'], HOME: home, ...clock, ...env }, cwd };
}
