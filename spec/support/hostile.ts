import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { dayOf } from '../../contract/day.ts';
import { lockFile } from '../../contract/files.ts';
import { lockStaleMs } from '../../contract/limits.ts';
import { type Ended, run } from './programs.ts';
import { dayMs } from './clock.ts';
import { settings } from './command.ts';
import { append } from './flushes.ts';
import { frameOf, queries } from './frames.ts';
import type { TestHome } from './home.ts';
import { flushAt } from './host.ts';
import { distinctEvents, type Ingest, usageIn } from './ingest.ts';
import type { Tally } from './buffer.ts';

/** What a program lives in. */
export interface World {
  /** Options of Node. */
  readonly flags?: readonly string[];
  /** A shell command that runs the program as `"$@"`, such as one that sets a limit first. */
  readonly shell?: string;
  /** Another Node. */
  readonly node?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program of Node in a world. */
export async function runIn(
  home: TestHome,
  { flags = [], shell, node = process.execPath, env }: World,
  program: readonly string[],
  more: NodeJS.ProcessEnv,
): Promise<Ended> {
  const command = [node, ...flags, ...program];
  const [file = '', ...args] =
    shell === undefined ? command : ['/bin/sh', '-c', shell, 'sh', ...command];
  const ended = await run(file, args, settings(home, { env: { ...env, ...more } }));
  // Node's own warnings name the process.
  return { ...ended, stderr: ended.stderr.replaceAll(/\(node:\d+\)/g, '(node)') };
}

// On a machine that is busy with other things, the thread gets little.
const patienceMs = 50_000;

/**
 * Prints, counts, flushes, stays for that, counts again and ends with 3: what telemetry does
 * there must not show.
 */
export const busyHost = `
  telemetry.count('cli_command', 'sync');
  process.stdout.write('of the host');
  process.stderr.write('beside it');
  await telemetry.flush({ timeoutMs: ${patienceMs} });
  telemetry.count('cli_command', 'sync');
  process.exitCode = 3;`;

/** Puts one `query` of yesterday into the buffer. */
export function leaveQuery({ folder }: TestHome): void {
  append({ dataDir: folder, policyFile: '' }, frameOf(dayOf(Date.now()) - 1, [queries(1)]));
}

/**
 * Flushes two days later, where nothing is in the way, and a lock that was left behind is old. Gives
 * what has arrived in all.
 */
export async function usageOnBetterDay(home: TestHome, ingest: Ingest): Promise<Tally> {
  const lock = join(home.folder, lockFile);
  const longAgo = new Date(Date.now() - 2 * lockStaleMs);
  if (existsSync(lock)) utimesSync(lock, longAgo, longAgo);
  const outcome = await flushAt(home, Date.now() + 2 * dayMs, ingest.consent, patienceMs);
  if (outcome !== 'sent') throw new Error(`it is not sent on a better day: ${outcome}`);
  return usageIn(distinctEvents(ingest.bodies));
}
