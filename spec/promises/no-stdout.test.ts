import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Ended } from '../support/programs.ts';
import { runEngine, runFront } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { type Ingest, startIngest } from '../support/ingest.ts';

/** With telemetry on, and working, a command prints and returns what the engine does, byte for byte. */

let home: TestHome;
let ingest: Ingest;

beforeAll(async () => {
  home = openHome();
  ingest = await startIngest();
  mkdirSync(join(home.root, 'bare'));
  await runEngine(home, ['init']);
});

afterAll(async () => {
  await ingest[Symbol.asyncDispose]();
  home[Symbol.dispose]();
});

interface Command {
  readonly line: string;
  readonly code: number;
  /** In a folder without an index. */
  readonly isBare?: boolean;
}

it.skipIf(process.platform === 'win32').each<Command>([
  { line: 'query greet', code: 0 },
  { line: 'query greet', code: 1, isBare: true },
  { line: 'query', code: 1 },
  { line: 'query --help', code: 0 },
  { line: 'status --json', code: 0 },
  { line: 'version', code: 0 },
  { line: '--version', code: 0 },
  { line: 'no-such-command', code: 1 },
  { line: 'sync', code: 0 },
  { line: 'index --quiet', code: 0 },
])('codegraph $line ends with $code and the output of the engine alone', async (command) => {
  const args = command.line.split(' ');
  const cwd = command.isBare ? join(home.root, 'bare') : home.project;

  const alone = await runEngine(home, args, { cwd });
  const counted = await runFront(home, args, { cwd, env: ingest.consent });

  expect(counted.code).toBe(command.code);
  expect(withoutTimes(counted)).toEqual(withoutTimes(alone));
});

it('codegraph help is the help of the engine, with ours below it', async () => {
  const alone = await runEngine(home, ['help'], { cwd: home.project });
  const counted = await runFront(home, ['help'], { cwd: home.project, env: ingest.consent });
  expect([counted.code, counted.stderr]).toEqual([0, alone.stderr]);
  expect(counted.stdout.startsWith(alone.stdout)).toBe(true);
  expect(counted.stdout.slice(alone.stdout.length)).toContain('With codegraph-telemetry:');
});

it('telemetry was at work beside them', () => {
  expect(listFiles(home.spool)).toContain('ledger.json');
});

/** How long indexing took is all that differs from run to run. */
function withoutTimes({ stdout, ...rest }: Ended): Ended {
  return { ...rest, stdout: stdout.replaceAll(/\d+(?:\.\d+)?m?s\b/g, '<time>') };
}
