import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ended, run } from '../support/programs.ts';
import { dayMs } from '../support/clock.ts';
import { runEngine, settings } from '../support/command.ts';
import { openHome, type TestHome, writeChoice } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { countAt, countQuery, runHost, writeHost } from '../support/host.ts';
import { noIngest, startIngest } from '../support/ingest.ts';
import { front, preload } from '../support/paths.ts';
import { canTrace, traceNode } from './trace.ts';

/** Where telemetry is off there is no file, no thread and no socket, and no other difference. */

interface Switch {
  readonly name: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly flag?: string;
  readonly choice?: string;
}

const switches: readonly Switch[] = [
  { name: 'CODEGRAPH_TELEMETRY=0', env: { CODEGRAPH_TELEMETRY: '0' } },
  { name: 'DO_NOT_TRACK=1', env: { DO_NOT_TRACK: '1', CODEGRAPH_TELEMETRY: '1' } },
  { name: '--no-telemetry', flag: '--no-telemetry', env: { CODEGRAPH_TELEMETRY: '1' } },
  { name: 'a stored no', choice: '{ "enabled": false, "machine_id": null }' },
  { name: 'a choice cut short', choice: '{ "enabled": fal' },
];

/** The commands, in this order; the last fails, as it finds no index. */
const commands = [
  { args: ['init'], isIndexed: true },
  { args: ['query', 'greet'], isIndexed: true },
  { args: ['query', 'greet'], isIndexed: false },
];

describe.skipIf(process.platform === 'win32')('off by', () => {
  let expected: readonly Ended[];

  beforeAll(async () => {
    using home = openHome();
    expected = await runAll(home, async (args, cwd) => await runEngine(home, args, { cwd }));
  });

  it.each(switches)('$name: every command is the engine alone', async ({ env, flag, choice }) => {
    using home = openHome();
    await using ingest = await startIngest();
    if (choice !== undefined) writeChoice(home, choice);
    const before = snapshot(home);
    const workersLog = join(home.root, 'workers');
    const watchedEnv = {
      ...env,
      ...ingest.place,
      NODE_OPTIONS: preload('record-workers.mjs'),
      WORKERS_LOG: workersLog,
    };

    const ended = await runAll(home, async (args, cwd) => {
      const all = flag === undefined ? [front, ...args] : [front, flag, ...args];
      const options = { env: watchedEnv, cwd };
      if (!canTrace) return await run(process.execPath, all, settings(home, options));
      const traced = await traceNode(home, all, options);
      expect(traced.trace.network).toEqual([]);
      expect(traced.trace.ownWorkers).toEqual([]);
      expect(traced.trace.writes.filter((call) => call.includes(`"${home.home}`))).toEqual([]);
      expect(traced.trace.ownOpens.filter((call) => senderParts.test(call))).toEqual([]);
      return traced.ended;
    });

    expect(ended).toEqual(expected);
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 1]);
    expect(snapshot(home)).toEqual(before);
    expect(ingest.connections).toBe(0);
    expect(linesOf(workersLog)).not.toContain(front);
  });
});

// What the thread needs, and nothing else does.
const senderParts = /dist\/(?:sender\.js|thread\.mjs)/;

it('system calls are watched', (context) => {
  context.skip(
    !canTrace,
    'strace is not there, or may not trace: only connections were looked for',
  );
  expect(canTrace).toBe(true);
});

describe('what is looked for shows itself when telemetry is on', () => {
  const body = `${countQuery}
    telemetry.persist();
    await telemetry.flush({ timeoutMs: 10_000 });`;

  it('in system calls', async (context) => {
    context.skip(!canTrace, 'strace is not there, or may not trace');
    using home = openHome();
    await using ingest = await startIngest();
    await countAt(home, Date.now() - dayMs);

    const { trace } = await traceNode(home, [writeHost(home, body)], { env: ingest.consent });

    expect(ingest.bodies).toHaveLength(1);
    expect(trace.network).not.toEqual([]);
    expect(trace.ownWorkers).toHaveLength(1);
    expect(trace.writes.filter((call) => call.includes(`"${home.home}`))).not.toEqual([]);
    expect(trace.ownOpens.filter((call) => senderParts.test(call))).not.toEqual([]);
  });

  it('in the list of threads', async () => {
    using home = openHome();
    await countAt(home, Date.now() - dayMs);
    const workersLog = join(home.root, 'workers');
    const env = {
      CODEGRAPH_TELEMETRY: '1',
      ...noIngest,
      NODE_OPTIONS: preload('record-workers.mjs'),
      WORKERS_LOG: workersLog,
    };

    await runHost(home, body, { env });

    expect(linesOf(workersLog)).toHaveLength(1);
  });
});

it.each<{ name: string; options: (home: TestHome) => string; env?: NodeJS.ProcessEnv }>([
  {
    name: 'a policy for the machine',
    options: ({ root, folder }) => {
      writeFileSync(join(root, 'policy.json'), '');
      const paths = { dataDir: folder, policyFile: join(root, 'policy.json') };
      return `paths: ${JSON.stringify(paths)}`;
    },
  },
  { name: 'the option of the host', options: () => 'isDisabled: true' },
  {
    name: 'a value of CODEGRAPH_TELEMETRY that is neither yes nor no',
    options: () => '',
    env: { CODEGRAPH_TELEMETRY: 'banana' },
  },
])('$name turns a library program off', async ({ options, env }) => {
  using home = openHome();
  await using ingest = await startIngest();
  const body = `
    const off = openTelemetry({ version: '1.6.1', ${options(home)} });
    process.on('worker', () => process.stdout.write('worker'));
    off.count('cli_command', 'query');
    off.record('index', { languages: ['go'], fileCount: 1, durationMs: 1 });
    off.persist();
    process.stdout.write((await off.flush()).outcome);`;

  const ended = await runHost(home, body, { env: { ...ingest.consent, ...env } });

  expect(ended).toMatchObject({ code: 0, stdout: 'off', stderr: '' });
  expect(listFiles(home.folder)).toEqual([]);
  expect(ingest.connections).toBe(0);
});

/** Runs all commands; what differs from run to run is made the same. */
async function runAll(
  { root, project }: TestHome,
  runOne: (args: readonly string[], cwd: string) => Promise<Ended>,
): Promise<readonly Ended[]> {
  const bare = join(root, 'bare');
  mkdirSync(bare);
  const all: Ended[] = [];
  for (const { args, isIndexed } of commands) {
    const { stdout, ...rest } = await runOne(args, isIndexed ? project : bare);
    const text = stdout.replaceAll(root, '<root>').replaceAll(/\d+(?:\.\d+)?m?s\b/g, '<time>');
    all.push({ ...rest, stdout: text, stderr: rest.stderr.replaceAll(root, '<root>') });
  }
  return all;
}

/** The content of every file in the home. */
function snapshot({ home }: TestHome): Record<string, string> {
  const paths = listFiles(home).filter((path) => path.includes('.json'));
  return Object.fromEntries([
    ['', listFiles(home).join()],
    ...paths.map((path) => [path, readFileSync(join(home, path), 'utf8')]),
  ]);
}

function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
}
