import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { noticeFile } from '../../contract/files.ts';
import { dayMs, minuteMs } from '../support/clock.ts';
import { runFront } from '../support/command.ts';
import { openHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { countAt, flushAt } from '../support/host.ts';
import { distinctEvents, startIngest, usageIn } from '../support/ingest.ts';
import { front } from '../support/paths.ts';
import { hasTerminal, quote, runInTerminal } from '../support/terminal.ts';

/** Nothing leaves a machine before its owner was told, on a terminal, and had a day to refuse. */

const hourMs = 60 * minuteMs;
const notice = /codegraph counts [^]+? CODEGRAPH_TELEMETRY=0\r?\n/g;

// A fresh machine, and a folder without an index: `sync` is a long command, and fails at once.
const sync = `${quote(process.execPath)} ${quote(front)} sync`;

const noTerminal = 'there is no `script` of util-linux to run a terminal with';

describe('on a terminal', () => {
  it('the line comes once, and a day later the first report goes', async (context) => {
    context.skip(!hasTerminal, noTerminal);
    using home = openHome();
    await using ingest = await startIngest();
    const env = ingest.place;
    // Whatever was counted before anybody was told waits with the rest.
    await countAt(home, Date.now() - dayMs);

    const told = await runInTerminal(home, sync, { env });
    const again = await runInTerminal(home, sync, { env });
    const early = await runInTerminal(home, sync, { env, clockShiftMs: 23 * hourMs });
    expect(told.stdout.match(notice)).toHaveLength(1);
    expect(told.stdout.indexOf('codegraph counts')).toBe(0);
    expect(again.stdout + early.stdout).not.toMatch(notice);
    expect([told.code, again.code, early.code]).toEqual([1, 1, 1]);
    expect(ingest.connections).toBe(0);
    expect(await flushAt(home, Date.now() + 23 * hourMs, env)).toBe('waiting');

    expect(await flushAt(home, Date.now() + 25 * hourMs, env)).toBe('sent');

    expect(usageIn(distinctEvents(ingest.bodies))).toMatchObject({ query: '1/0' });
  });

  it('the line is on stderr alone', async (context) => {
    context.skip(!hasTerminal, noTerminal);
    using home = openHome();

    const { stdout } = await runInTerminal(home, `${sync} >out 2>err; cat out`, {});

    expect(stdout).not.toMatch(notice);
    expect(readFileSync(join(home.project, 'err'), 'utf8')).toMatch(notice);
  });

  it('no line comes where there is a choice', async (context) => {
    context.skip(!hasTerminal, noTerminal);
    using home = openHome();
    await runFront(home, ['telemetry', 'on']);

    expect((await runInTerminal(home, sync, {})).stdout).not.toMatch(notice);
  });
});

it('through a pipe the line comes once, and starts no time', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  const env = ingest.place;

  const first = await runFront(home, ['sync'], { env });
  const second = await runFront(home, ['sync'], { env });
  const later = await runFront(home, ['sync'], { env, clockShiftMs: 25 * hourMs });

  expect(first.stderr.match(notice)).toHaveLength(1);
  expect(first.stdout + second.stderr + later.stderr).not.toMatch(notice);
  expect(await flushAt(home, Date.now() + 25 * hourMs, env)).toBe('waiting');
  expect(await flushAt(home, Date.now() + 40 * dayMs, env)).toBe('waiting');
  expect(ingest.connections).toBe(0);
});

it.each([
  ['a short command', ['query', 'greet']],
  ['a command that is to be quiet', ['sync', '--quiet']],
  ['a question', ['sync', '--help']],
  ['no command', ['--version']],
])('%s does not print the line', async (_name, args) => {
  using home = openHome();

  const ended = await runFront(home, args);

  expect(ended.stdout + ended.stderr).not.toMatch(notice);
  expect(listFiles(home.folder)).not.toContain(noticeFile);
});

it('an explicit yes needs neither the line nor the time', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  const env = ingest.place;
  await countAt(home, Date.now() - dayMs);

  await runFront(home, ['telemetry', 'on'], { env });

  expect(await flushAt(home, Date.now(), env)).toBe('sent');
});
