import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, type Program, start } from './programs.ts';
import { type CommandOptions, settings } from './command.ts';
import type { TestHome } from './home.ts';
import { library } from './paths.ts';

let hosts = 0;

/**
 * Starts a program that has `telemetry`, opened in the home, and runs `body` with it. In `body`,
 * `told()` waits for `tell`.
 */
export function startHost(home: TestHome, body: string, options: HostOptions = {}): Program {
  const { now, ...rest } = options;
  return start(process.execPath, [writeHost(home, body, now)], settings(home, rest));
}

/** Runs such a program to its end. */
export async function runHost(
  home: TestHome,
  body: string,
  options: HostOptions = {},
): Promise<Ended> {
  const { child, ended } = startHost(home, body, options);
  child.stdin.end();
  return await ended;
}

/** Writes such a program, and returns its path. */
export function writeHost(home: TestHome, body: string, now?: number): string {
  const path = join(home.root, `host-${(hosts += 1)}.mjs`);
  writeFileSync(path, sourceOf(body, now));
  return path;
}

/** Lets a host's `await told()` go on. */
export function tell({ child }: Program): void {
  child.stdin.end();
}

/** Has a program count, as of `now`, and end. Counts one `query` unless told otherwise. */
export async function countAt(home: TestHome, now: number, body = countQuery): Promise<void> {
  expectClean(await runHost(home, body, { now, env: { CODEGRAPH_TELEMETRY: '1' } }));
}

/** Has a program flush, as of `now`, and wait for it. Gives the outcome. */
export async function flushAt(
  home: TestHome,
  now: number,
  env: NodeJS.ProcessEnv,
  timeoutMs = 10_000,
): Promise<string> {
  const body = `process.stdout.write((await telemetry.flush({ timeoutMs: ${timeoutMs} })).outcome);`;
  const ended = await runHost(home, body, { now, env });
  expectClean(ended);
  return ended.stdout;
}

/** Counts one `query`. */
export const countQuery = `telemetry.count('cli_command', 'query');`;

export interface HostOptions extends CommandOptions {
  /** Epoch milliseconds: the clock of telemetry stands still at it. */
  readonly now?: number;
}

function sourceOf(body: string, now: number | undefined): string {
  const clock = now === undefined ? '' : `, now: () => ${now}`;
  return `import { once } from 'node:events';
import { openTelemetry } from '${library}';
const telemetry = openTelemetry({ version: '1.6.1'${clock} });
const told = () => once(process.stdin.resume(), 'end');
${body}
`;
}

function expectClean({ code, signal, stderr }: Ended): void {
  if (code !== 0 || stderr !== '') throw new Error(`ended with ${code ?? signal}: ${stderr}`);
}
