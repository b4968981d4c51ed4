import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockFile } from '../../contract/files.ts';
import { run, start } from '../support/programs.ts';
import { dayMs, minuteMs, noonToday } from '../support/clock.ts';
import { settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { countAt, flushAt, runHost, startHost, tell, writeHost } from '../support/host.ts';
import { noIngest, startIngest } from '../support/ingest.ts';
import { copyPackage, writeEngine } from '../support/package-copy.ts';
import { preload } from '../support/paths.ts';

/** Nothing is loaded before it is needed, and no process waits for telemetry. */

// A process ends in some 50 ms. Waiting for an endpoint that hangs would take 10 s in a program that
// flushes every now and then, and 1.5 s in a command.
const soonForProgramMs = 5_000;
const soonForCommandMs = 1_200;

const heavy =
  /(?:NativeModule |node:)(?:crypto|https?|http2|net|tls|dns|worker_threads|child_process)$|valibot|quickjs|msgpackr|commander|sender/;

describe('what a program loads', () => {
  const count = `
    telemetry.count('cli_command', 'query');
    telemetry.record('index', { languages: ['go'], fileCount: 1, durationMs: 1 });`;

  it('has nothing heavy in it, to its end', async () => {
    using home = openHome();

    const [bare, counting] = [
      await modulesOf(home, writeBare(home)),
      await modulesOf(home, writeHost(home, count)),
    ];

    expect(counting.filter((name) => heavy.test(name) && !bare.includes(name))).toEqual([]);
    expect(counting.filter((name) => name.startsWith('file:'))).not.toEqual([]);
    expect(listFiles(home.spool)).toEqual(['buffer.msgpack']);
  });

  it('has all of it in it once there is something to send', async () => {
    using home = openHome();
    await countAt(home, Date.now() - dayMs, count);

    const sending = await modulesOf(
      home,
      writeHost(home, `await telemetry.flush({ timeoutMs: 10_000 });`),
    );

    expect(sending.filter((name) => heavy.test(name)).join()).toMatch(/worker_threads.*sender\.js/);
  });

  async function modulesOf(home: TestHome, path: string): Promise<readonly string[]> {
    const log = join(home.root, 'modules');
    const env = { CODEGRAPH_TELEMETRY: '1', ...noIngest, MODULES_LOG: log };
    const args = [preload('record-modules.mjs'), path];
    const ended = await run(process.execPath, args, settings(home, { env }));
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    return JSON.parse(readFileSync(log, 'utf8')) as string[];
  }

  function writeBare(home: TestHome): string {
    const path = join(home.root, 'bare.mjs');
    writeFileSync(path, `import 'node:fs'; import 'node:os';\n`);
    return path;
  }
});

interface End {
  readonly name: string;
  /** What the program does when it is told. */
  readonly end: string;
  readonly signal?: NodeJS.Signals;
}

it.each<End>([
  { name: 'returns', end: '' },
  { name: 'calls process.exit', end: 'process.exit(0);' },
  { name: 'dies of SIGTERM', end: `process.kill(process.pid, 'SIGTERM');`, signal: 'SIGTERM' },
])(
  'a program that $name in the middle of a flush ends at once, and the next can flush',
  async (row) => {
    using home = openHome();
    await using ingest = await startIngest((index) => (index === 0 ? 'hang' : 204));
    await countAt(home, Date.now() - dayMs);
    const host = startHost(home, `telemetry.flushEvery(250); await told(); ${row.end}`, {
      env: ingest.consent,
    });
    await ingest.arrived(1);

    const toldAt = performance.now();
    tell(host);

    const { code, signal, stderr } = await host.ended;
    expect(performance.now() - toldAt).toBeLessThan(soonForProgramMs);
    expect({ code, signal, stderr }).toEqual({
      code: row.signal === undefined ? 0 : null,
      signal: row.signal ?? null,
      stderr: '',
    });
    expect(listFiles(home.spool)).not.toContain('lock');

    expect(await flushAt(home, Date.now() + 2 * minuteMs, ingest.consent)).toBe('sent');
    expect(ingest.bodies[1]).toBe(ingest.bodies[0]);
  },
);

it('a program that exits at any moment of a flush leaves no lock to the next', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  const now = noonToday();
  const rounds = 12;
  const endAfter = (ms: string): string => `
    telemetry.count('cli_command', 'query');
    void telemetry.flush().then(() => process.stdout.write('flushed'));
    void telemetry.flush();
    setTimeout(() => process.exit(), ${ms});`;

  let cutShort = 0;
  let leftLocks = 0;
  for (let round = 0; round < rounds; round++) {
    // From before the thread runs to after the last answer.
    const body = endAfter(String((400 * round) / rounds));
    const ended = await runHost(home, body, { env: ingest.consent, now: now + round * dayMs });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    if (ended.stdout === '') cutShort += 1;
    if (listFiles(home.spool).includes('lock')) leftLocks += 1;
    rmSync(join(home.folder, lockFile), { force: true });
  }
  expect(cutShort).toBeGreaterThan(2);
  // An exit waits 25 ms for a commit, which a slow disk may exceed once in a while.
  expect(leftLocks).toBeLessThan(2);
});

it.skipIf(process.platform === 'win32')(
  'a command ends with the engine, whatever a flush does',
  async () => {
    using home = openHome();
    await using ingest = await startIngest(() => 'hang');
    await countAt(home, Date.now() - dayMs);
    const front = copyPackage(home);
    const env = { ...ingest.consent, CODEGRAPH_ENGINE: writeEngine(home, 'read line') };
    const command = start(process.execPath, [front, 'sync'], settings(home, { env }));
    await ingest.arrived(1);

    const endedAt = performance.now();
    command.child.stdin.end('\n');

    expect(await command.ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(performance.now() - endedAt).toBeLessThan(soonForCommandMs);
    expect(listFiles(home.spool)).not.toContain('lock');
  },
);
