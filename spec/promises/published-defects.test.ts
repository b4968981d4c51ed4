import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dayOf } from '../../contract/day.ts';
import { bufferFile, ledgerFile } from '../../contract/files.ts';
import { maxBufferBytes } from '../../contract/limits.ts';
import { countsIn, readBuffer } from '../support/buffer.ts';
import { minuteMs } from '../support/clock.ts';
import { runFront } from '../support/command.ts';
import { append, crowdedDay, ledgerIn } from '../support/flushes.ts';
import { frameOf, queries } from '../support/frames.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { leaveQuery, usageOnBetterDay } from '../support/hostile.ts';
import { flushAt, runHost, startHost, tell } from '../support/host.ts';
import { distinctEvents, noIngest, startIngest, usageIn } from '../support/ingest.ts';
import { preload } from '../support/paths.ts';

/**
 * What the published client loses or costs, and no other promise tries: a server's day, a backlog, a
 * second command at a silent endpoint, a disk at each count.
 */

const consent = { CODEGRAPH_TELEMETRY: '1' };
const pathsOf = ({ folder }: TestHome) => ({ dataDir: folder, policyFile: '' });

// Of 50 counts, the published client kept none: for it, an id where there was none is another machine.
it.each<[what: string, act: (home: TestHome) => Promise<void>]>([
  [
    'somebody says yes for the first time',
    async (home) => {
      expect(await runFront(home, ['telemetry', 'on'])).toMatchObject({ code: 0 });
    },
  ],
  [
    'another process sends, and so draws the first id',
    async (home) => {
      await using ingest = await startIngest();
      leaveQuery(home);
      expect(await flushAt(home, Date.now(), ingest.consent, 50_000)).toBe('sent');
    },
  ],
])('a program keeps its counts while %s', async (_, act) => {
  using home = openHome();
  const count = `for (let call = 0; call < 50; call++) telemetry.count('cli_command', 'sync');`;
  const host = startHost(home, `${count} process.stdout.write('counted'); await told();`);
  await host.printed('counted');

  await act(home);
  tell(host);

  expect(await host.ended).toMatchObject({ code: 0, stderr: '' });
  expect(countsIn(readBuffer(home).frames)).toEqual({ sync: '50/0' });
});

it('a command that fails at once parks nothing: the next one can send', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  leaveQuery(home);

  const sync = await runFront(home, ['sync'], { env: ingest.consent });
  await flushAt(home, Date.now() + minuteMs, ingest.consent);

  expect(sync.code).toBe(1);
  expect(usageIn(distinctEvents(ingest.bodies))).toEqual({ query: '1/0' });
});

it('a backlog arrives whole at an ingest that takes six reports a minute', async () => {
  using home = openHome();
  let taken = 0;
  await using ingest = await startIngest(() => ((taken += 1) <= 6 ? 204 : 429));
  // Days of one month: each month has reports of its own.
  const now = Date.parse('2026-11-20T12:00:00.000Z');
  const days = Array.from({ length: 8 }, (_, before) => dayOf(now) - 1 - before);
  append(pathsOf(home), ...days.map(crowdedDay));

  for (let minute = 0; ; minute++) {
    expect(minute).toBeLessThan(10);
    taken = 0;
    const outcome = await flushAt(home, now + minute * minuteMs, ingest.consent);
    if (outcome === 'nothing-to-send') break;
  }

  expect(ingest.bodies).toHaveLength(13);
  const usage = Object.values(usageIn(distinctEvents(ingest.accepted)));
  expect(usage).toEqual(['320/0', '320/0', '320/0', '320/0']);
});

it('runs without a network fill no buffer: more than it could hold become one total', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  const one = frameOf(dayOf(Date.now()), [queries(1)]);
  let bytes = 0;
  for (let batch = 0; batch < 3; batch++) {
    append(pathsOf(home), ...Array.from({ length: 4_000 }, () => one));
    bytes += statSync(join(home.folder, bufferFile)).size;
    await flushAt(home, Date.now(), { ...consent, ...noIngest });
  }

  expect(bytes).toBeGreaterThan(maxBufferBytes);
  expect(statSync(join(home.folder, ledgerFile)).size).toBeLessThan(2_000);
  expect(await usageOnBetterDay(home, ingest)).toEqual({ query: '12000/0' });
  expect(ledgerIn(pathsOf(home))?.lost).toMatchObject({ no_room: 0, damaged_bytes: 0 });
});

it('an endpoint that says nothing is asked once, and costs the next commands nothing', async () => {
  using home = openHome();
  await using ingest = await startIngest(() => 'hang');
  const now = Date.now();
  // As in a command, whose flush has a second and a half; and it stays for it.
  const flush = `
    const hold = setInterval(() => undefined, 60_000);
    process.stdout.write((await telemetry.flush()).outcome);
    clearInterval(hold);`;
  leaveQuery(home);

  const [first, ...others] = [
    await runHost(home, flush, { env: ingest.consent, now }),
    await runHost(home, flush, { env: ingest.consent, now: now + 10_000 }),
    await runHost(home, flush, { env: ingest.consent, now: now + 20_000 }),
    await runHost(home, flush, { env: ingest.consent, now: now + 30_000 }),
  ];

  expect(first).toMatchObject({ code: 0, stdout: 'unanswered', stderr: '' });
  for (const other of others) expect(other).toMatchObject({ code: 0, stdout: 'waiting' });
  expect(ingest.connections).toBe(1);
});

/** What a program did with our files: names of functions, with its own marks. */
async function filesOf(home: TestHome, body: string): Promise<readonly string[]> {
  const log = join(home.root, 'files');
  const options = preload('record-files.mjs');
  const env = { ...consent, NODE_OPTIONS: options, FILES_LOG: log };
  expect(await runHost(home, body, { env })).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(readFileSync(log, 'utf8')) as string[];
}

it('100,000 counts look at the disk now and then, and do not read it', async () => {
  using home = openHome();
  const body = `
    process.emit('mark', 'begin');
    for (let call = 0; call < 100_000; call++) telemetry.count('mcp_tool', 'codegraph_explore');
    process.emit('mark', 'end');`;

  const calls = await filesOf(home, body);

  const during = calls.slice(calls.indexOf('begin') + 1, calls.indexOf('end'));
  expect(new Set(during)).toEqual(new Set(['statSync', 'lstatSync']));
  expect(during.length).toBeLessThan(100);
  expect(countsIn(readBuffer(home).frames)).toEqual({ codegraph_explore: '100000/0' });
});

it('an exit appends one frame to a full buffer, and reads and rewrites nothing', async () => {
  using home = openHome();
  append(pathsOf(home), ...Array.from({ length: 6_000 }, () => frameOf(20_000, [queries(1)])));
  const before = readFileSync(join(home.folder, bufferFile));

  const calls = await filesOf(
    home,
    `telemetry.count('cli_command', 'sync'); process.emit('mark', 'end');`,
  );

  const atExit = calls.slice(calls.indexOf('end') + 1).filter((call) => !/^l?statSync$/.test(call));
  expect(atExit).toEqual(['openSync', 'fstatSync', 'writeSync', 'fstatSync', 'closeSync']);
  const after = readFileSync(join(home.folder, bufferFile));
  expect(after.subarray(0, before.length).equals(before)).toBe(true);
  expect(after.length - before.length).toBeLessThan(64);
});
