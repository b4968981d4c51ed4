import { chmodSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bufferFile, choiceFileName } from '../../contract/files.ts';
import { putFolder } from '../support/bad-files.ts';
import { run } from '../support/programs.ts';
import { dayMs } from '../support/clock.ts';
import { runFront, settings } from '../support/command.ts';
import { openHome, type TestHome, writeChoice } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { countAt, flushAt, runHost } from '../support/host.ts';
import { distinctEvents, type Ingest, startIngest } from '../support/ingest.ts';
import { front } from '../support/paths.ts';

/** In doubt nothing is counted and nothing leaves, and whoever asks is told why. */

const yes = { enabled: true, machine_id: 'aeb8257e-bc76-4014-923c-9e4d7beabebb' };

describe('a choice that cannot be read is a no:', () => {
  it.each([
    ['it is empty', ''],
    ['an opt-out is cut short', '{"enabled":fal'],
    ['its answer is a text', '{"enabled":"false"}'],
    ['it is another tool’s', '{"version":1,"tracking":{"enabled":true}}'],
    ['it is binary', '\u0000\u0001\u0002'],
    ['its id is a person’s', JSON.stringify({ ...yes, machine_id: 'john.doe@example.com' })],
    ['it has 10 MB', JSON.stringify({ ...yes, more: 'x'.repeat(10 * 1024 * 1024) })],
  ])('%s', async (_, text) => {
    using home = openHome();
    await using ingest = await startIngest();
    writeChoice(home, text);

    expect(await isNothingCounted(home, ingest)).toBe(true);
    expect(await statusOf(home)).toMatchObject({
      mode: 'off',
      decidedBy: 'unreadable',
      storedMode: 'unreadable',
      warning: expect.stringMatching(/^the choice file counts as off, because /) as string,
    });
  });

  it('a folder stands in its place', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    putFolder(home, choiceFileName);

    expect(await isNothingCounted(home, ingest)).toBe(true);
    expect(await statusOf(home)).toMatchObject({ mode: 'off', decidedBy: 'unreadable' });
  });
});

it('a choice that a person wrote by hand holds', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  writeChoice(home, '{"enabled":false}');

  expect(await isNothingCounted(home, ingest)).toBe(true);
  expect(await statusOf(home)).toMatchObject({ mode: 'off', decidedBy: 'stored' });
});

describe('`off` that could not be stored says so, and exits with 1:', () => {
  it('where a folder stands', async () => {
    using home = openHome();
    putFolder(home, choiceFileName);

    const off = await runFront(home, ['telemetry', 'off']);
    expect(off).toMatchObject({ code: 1, stdout: '' });
    expect(off.stderr).toMatch(/^error: the choice could not be stored: /);
    const json = await runFront(home, ['telemetry', 'off', '--json']);
    expect(json).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false });
  });

  it('in a home of somebody else', async (context) => {
    using home = openHome();
    const isRoot = process.getuid?.() === 0;
    context.skip(!isRoot, 'that needs root');
    chmodSync(home.root, 0o755);
    const { env, cwd } = settings(home, {});
    // No user has this id.
    const status = await run(process.execPath, [front, 'telemetry', 'off'], {
      env,
      cwd,
      uid: 54_321,
    });

    expect(status).toMatchObject({ code: 1, stdout: '' });
    expect(status.stderr).toMatch(/^error: the choice could not be stored: EACCES/);
    expect(listFiles(home.folder)).toEqual([]);
  });

  it('where the system lets nobody write', async () => {
    using home = openHome();
    const env = { HOME: '/sys' };

    expect(await runFront(home, ['telemetry', 'off'], { env })).toMatchObject({ code: 1 });
  });
});

it('what was counted before DO_NOT_TRACK stays, is not sent, and is not kept from its owner', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  await countAt(home, Date.now() - dayMs);
  const before = readFileSync(join(home.folder, bufferFile));
  const env = { ...ingest.consent, DO_NOT_TRACK: '1' };

  expect(await flushAt(home, Date.now(), env)).toBe('off');
  expect((await runFront(home, ['version'], { env })).code).toBe(0);

  expect(readFileSync(join(home.folder, bufferFile))).toEqual(before);
  expect(ingest.connections).toBe(0);
  expect(await statusOf(home, env)).toMatchObject({
    decidedBy: 'DO_NOT_TRACK',
    buffered: { bytes: before.length },
  });
});

it('a build server that nobody has told sends nothing, however often it runs', async () => {
  await using ingest = await startIngest();
  for (let job = 0; job < 2; job++) {
    using home = openHome();
    const env = { ...ingest.place, CI: 'true' };
    await runFront(home, ['init'], { env });
    expect(await flushAt(home, Date.now() + 2 * dayMs, env)).toBe('waiting');
  }
  expect(ingest.connections).toBe(0);
});

it('of all events the day leaves, and no time of day', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  await runFront(home, ['init'], { env: ingest.consent });
  await countAt(home, Date.now() - dayMs);
  await flushAt(home, Date.now(), ingest.consent);

  const events = distinctEvents(ingest.bodies);
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['index', 'usage_rollup']),
  );
  for (const { ts } of events) expect(ts).toMatch(/^\d{4}-\d{2}-\d{2}T12:00:00\.000Z$/);
});

it.skipIf(process.platform === 'win32')(
  'every file is for its owner alone, at every step',
  async () => {
    using home = openHome();
    await using ingest = await startIngest((index) => (index === 0 ? 503 : 204));
    const seen = new Set<string>();
    const look = (): void => {
      for (const name of ['', ...listFiles(home.folder)]) {
        const stat = lstatSync(join(home.folder, name));
        expect([name, stat.mode & 0o777]).toEqual([name, stat.isDirectory() ? 0o700 : 0o600]);
        seen.add(name.replace(/claim-\w+/, 'claim'));
      }
    };

    await runFront(home, ['telemetry', 'on']);
    look();
    for (const day of [-2, -1]) {
      await countAt(home, Date.now() + day * dayMs);
      look();
      await flushAt(home, Date.now() + (day + 1) * dayMs, ingest.consent);
      look();
    }
    expect([...seen]).toEqual(
      expect.arrayContaining([
        choiceFileName,
        bufferFile,
        'telemetry/ledger.json',
        'telemetry/receipts.jsonl',
      ]),
    );
  },
);

/** Whether a command and a host, each with a flush, leave no trace here and none elsewhere. */
async function isNothingCounted(home: TestHome, ingest: Ingest): Promise<boolean> {
  const before = listFiles(home.folder);
  const sync = await runFront(home, ['sync'], { env: ingest.place });
  const host = await runHost(
    home,
    `telemetry.count('cli_command', 'query'); await telemetry.flush({ timeoutMs: 10_000 });`,
    { env: ingest.place },
  );
  // There is no index to bring up to date.
  expect([sync.code, host.code]).toEqual([1, 0]);
  expect(listFiles(home.folder)).toEqual(before);
  return ingest.connections === 0;
}

async function statusOf(home: TestHome, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const { stdout } = await runFront(home, ['telemetry', 'status', '--json'], { env });
  return JSON.parse(stdout);
}
