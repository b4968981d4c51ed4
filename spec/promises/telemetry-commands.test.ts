import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../support/programs.ts';
import { dayMs, noonToday } from '../support/clock.ts';
import { type CommandOptions, runFront, settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { countAt, flushAt } from '../support/host.ts';
import { parseReport, startIngest } from '../support/ingest.ts';
import { front } from '../support/paths.ts';
import { quote } from '../support/terminal.ts';

/** What a user can ask: is it on and why, what is recorded, what would go, what went. */

type Answer = Readonly<Record<string, unknown>>;

/** What `codegraph telemetry <words> --json` prints, on stdout and alone. */
async function ask(home: TestHome, words: string, options?: CommandOptions): Promise<Answer> {
  const { code, stdout, stderr } = await runFront(
    home,
    ['telemetry', ...words.split(' '), '--json'],
    options,
  );
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Answer;
}

async function say(home: TestHome, words: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await runFront(home, ['telemetry', ...words.split(' ')], { env });
  return stdout;
}

describe('status', () => {
  it('has the keys that the reference lists, in their order', async () => {
    using home = openHome();
    const reference = readFileSync(new URL('../../docs/reference.md', import.meta.url), 'utf8');
    for (const [word, next] of [
      ['status', '`show`:'],
      ['show', '`usage`:'],
      ['usage', '## '],
    ]) {
      const [, table = ''] = reference.split(`\n\`${word}\`:\n`);
      const keys = [...(table.split(next ?? '')[0] ?? '').matchAll(/^\| `(\w+)`/gm)];
      expect(Object.keys(await ask(home, word ?? ''))).toEqual(keys.map(([, key]) => key));
    }
  });

  it('creates nothing', async () => {
    using home = openHome();
    await ask(home, 'status');
    await say(home, 'status');
    expect(listFiles(home.home)).toEqual([]);
  });

  it.each([
    [{ DO_NOT_TRACK: '1' }, [], 'DO_NOT_TRACK', 'the DO_NOT_TRACK environment variable'],
    [
      { CODEGRAPH_TELEMETRY: '0' },
      [],
      'CODEGRAPH_TELEMETRY',
      'the CODEGRAPH_TELEMETRY environment',
    ],
    [{}, ['--no-telemetry'], '--no-telemetry', 'the --no-telemetry flag'],
  ])('names what overrides a stored yes: %o %o', async (env, flags, decidedBy, words) => {
    using home = openHome();
    await say(home, 'on');

    expect(await ask(home, ['status', ...flags].join(' '), { env })).toMatchObject({
      mode: 'off',
      decidedBy,
      storedMode: 'on',
    });
    const text = await say(home, ['status', ...flags].join(' '), env);
    expect(text).toMatch(`Telemetry is off, decided by ${words}`);
    expect(text).toMatch('Stored choice  on, overridden');
  });

  it('names a yes of the environment over a stored no', async () => {
    using home = openHome();
    await say(home, 'off');
    expect(await ask(home, 'status', { env: { CODEGRAPH_TELEMETRY: '1' } })).toMatchObject({
      mode: 'on',
      decidedBy: 'CODEGRAPH_TELEMETRY',
      storedMode: 'off',
    });
  });

  it('says why an unknown value counts as off', async () => {
    using home = openHome();
    const text = await say(home, 'status', { CODEGRAPH_TELEMETRY: 'maybe' });
    expect(text).toMatch(/^Warning: CODEGRAPH_TELEMETRY has an unknown value/m);
  });

  it('says what waits, how the last flush ended, and when the next may be', async () => {
    using home = openHome();
    await using ingest = await startIngest(() => ({
      status: 429,
      headers: { 'retry-after': '7200' },
    }));
    await say(home, 'on');
    const now = Date.now();
    await countAt(home, now - dayMs);
    expect(await flushAt(home, now, ingest.place)).toBe('postponed');

    const { lastFlush, buffered, nextFlushNotBefore, machineId } = await ask(home, 'status');
    expect(lastFlush).toEqual({ at: expect.any(String) as string, outcome: 'postponed' });
    expect(buffered).toEqual({ bytes: 0, days: [], events: 0, reports: 1 });
    expect(Date.parse(nextFlushNotBefore as string) - now).toBeGreaterThanOrEqual(7_200_000);
    expect(machineId).toBe(parseReport(ingest.bodies[0] ?? '').machine_id);
    expect(await say(home, 'status')).toMatch(
      /^Last flush {5}[\d-]+ [\d:]+ \S+: the endpoint asked for a retry later$/m,
    );
  });

  it('says what was lost, and nothing where nothing was', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    await countAt(home, Date.now() - 60 * dayMs);
    await flushAt(home, Date.now() - dayMs, ingest.consent);
    expect(await say(home, 'status')).not.toMatch(/^Lost/m);
    // Not on the word of one clock.
    await flushAt(home, Date.now(), ingest.consent);
    expect(await say(home, 'status')).toMatch(/^Lost {11}1 counts too old or dated ahead$/m);
  });

  it('says that a report may have arrived when no answer came, as `log` does', async () => {
    using home = openHome();
    await using ingest = await startIngest(() => 'break');
    await say(home, 'on');
    const now = Date.now();
    await countAt(home, now - dayMs);
    expect(await flushAt(home, now, ingest.place)).toBe('unanswered');

    expect(await ask(home, 'status')).toMatchObject({ unanswered: 1 });
    expect(await say(home, 'status')).toMatch(
      /^On its way {5}1 report was sent without an answer/m,
    );
    const [body] = ingest.bodies;
    expect(await ask(home, 'log')).toMatchObject([{ acceptedAt: null, body }]);
    expect(await say(home, 'log')).toMatch(/without an answer, may have arrived/);
    // It is in the ledger still: counted once.
    expect(await ask(home, 'usage')).toMatchObject({ count: 1 });
  });

  it.each([
    ['http://collector.intranet/v1', /^Warning: no report can be sent to the endpoint: http is/m],
    ['ftp://example.com/', /^Warning: no report can be sent to the endpoint: its scheme is\sftp:/m],
    ['https://me:s3cret@example.com/?t=s3cret', /^Warning: [^]*a user name or a\spassword/m],
  ])('names what is wrong with the endpoint, and shows no secret: %s', async (place, warning) => {
    using home = openHome();
    const env = { CODEGRAPH_TELEMETRY: '1', CODEGRAPH_TELEMETRY_ENDPOINT: place };
    const text = await say(home, 'status', env);
    expect(text).toMatch(warning);
    expect(text + JSON.stringify(await ask(home, 'status', { env }))).not.toContain('s3cret');
  });

  it.each([
    [
      'ledger.json',
      '{"ledger_version":2}',
      /^Warning: a newer version of codegraph wrote the ledger/m,
    ],
    [
      'failure.json',
      '{"at":"2026-11-22T12:00:00.000Z","reason":"no room"}',
      /^Warning: the flush of 2026-11-2[123] .* failed: no room/m,
    ],
  ])('warns of what %s says', async (name, text, warning) => {
    using home = openHome();
    await say(home, 'on');
    mkdirSync(home.spool, { recursive: true });
    writeFileSync(join(home.spool, name), text);
    expect(await say(home, 'status')).toMatch(warning);
  });

  it('says that nothing is counted in a home that cannot be written', async (context) => {
    using home = openHome();
    context.skip(process.getuid?.() !== 0, 'that needs root');
    chmodSync(home.root, 0o755);
    const { env, cwd } = settings(home, {});
    const args = [front, 'telemetry', 'status', '--json'];
    // No user has this id.
    const { stdout, code } = await run(process.execPath, args, { env, cwd, uid: 54_321 });
    expect(code).toBe(0);
    const { warning } = JSON.parse(stdout) as Answer;
    expect(warning).toBe(`nothing is counted, because ${home.home} cannot be written`);
  });
});

describe('show', () => {
  it('draws what is recorded, and prints what would be sent, in every mode that counts', async () => {
    using home = openHome();
    await countAt(
      home,
      noonToday(),
      `telemetry.count('cli_command', 'query', { ok: false });
       for (let n = 0; n < 3; n++) telemetry.count('cli_command', 'query');
       const client = { name: 'claude-code', version: '2.1.3' };
       telemetry.count('mcp_tool', 'codegraph_explore', { client });`,
    );
    for (const mode of ['on', 'local']) {
      await say(home, mode);
      const text = await say(home, 'show');
      expect(text).toMatch(/^ {2}command {2}query +4 {2}#+ +1 failed$/m);
      expect(text).toMatch(/codegraph_explore.*claude-code/);
      const { nextReports, isDue } = await ask(home, 'show');
      expect(isDue).toBe(false);
      for (const report of nextReports as string[]) parseReport(report);
    }
  });

  it('shows nothing recorded, and what it would be like, when it is off', async () => {
    using home = openHome();
    await countAt(home, Date.now());
    await say(home, 'off');
    const text = await say(home, 'show');
    expect(text).toMatch(
      'Telemetry is off, decided by your stored choice.\n\nNothing is recorded.',
    );
    expect(text).toMatch('If it were on, a report would look like this');
    expect(await ask(home, 'show')).toMatchObject({ mode: 'off', days: [], nextReports: [] });
  });

  it('shows what goes next, exactly as it is sent', async () => {
    using home = openHome();
    await using ingest = await startIngest((index) => (index === 0 ? 500 : 204));
    await countAt(home, Date.now() - dayMs);
    expect(await flushAt(home, Date.now(), ingest.consent)).toBe('postponed');

    const { nextReports, isDue, isSealed } = await ask(home, 'show', { env: ingest.consent });
    await flushAt(home, Date.now() + dayMs / 2, ingest.consent);
    expect([nextReports, isDue, isSealed]).toEqual([ingest.accepted, true, true]);
  });

  it('opens no socket, and changes no file', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    await countAt(home, Date.now() - dayMs);
    await flushAt(home, Date.now(), ingest.place);
    await countAt(home, Date.now());
    const before = contentOf(home);
    await say(home, 'show', ingest.consent);
    expect(contentOf(home)).toEqual(before);
    expect(ingest.connections).toBe(0);
  });
});

describe('log', () => {
  it('prints what was sent, newest first, and with --json exactly', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    expect(await ask(home, 'log')).toEqual([]);
    for (const day of [-2, -1, 0]) {
      await countAt(home, Date.now() + (day - 1) * dayMs);
      expect(await flushAt(home, Date.now() + day * dayMs, ingest.consent)).toBe('sent');
    }
    const log = (await ask(home, 'log')) as unknown as readonly {
      readonly body: string;
      readonly endpoint: string;
    }[];
    expect(log.map(({ body }) => body)).toEqual(ingest.accepted.toReversed());
    const { host, href } = new URL(ingest.place.CODEGRAPH_TELEMETRY_ENDPOINT ?? '');
    expect(log.map(({ endpoint }) => endpoint)).toEqual([href, href, href]);
    const text = await say(home, 'log');
    expect(
      text.match(new RegExp(`  1 event accepted by ${host}:\n  1 total of`, 'g')),
    ).toHaveLength(3);
    expect(await ask(home, 'status')).toMatchObject({ lastSent: { events: 1 } });
  });
});

describe('a choice', () => {
  it.each([
    ['on', { DO_NOT_TRACK: '1' }, 'off', 'the DO_NOT_TRACK environment variable'],
    ['on', { CODEGRAPH_TELEMETRY: '0' }, 'off', 'the CODEGRAPH_TELEMETRY environment variable'],
    ['off', { CODEGRAPH_TELEMETRY: '1' }, 'on', 'the CODEGRAPH_TELEMETRY environment variable'],
  ])('%s under %o is saved, and still %s because of it', async (word, env, mode, words) => {
    using home = openHome();
    expect(await ask(home, word, { env })).toEqual({
      ok: true,
      mode,
      storedMode: word,
      message: `Saved: ${word}. But telemetry is still ${mode}, because of ${words}.`,
      ...(word === 'off' && { remains: null }),
    });
    expect(await ask(home, 'status')).toMatchObject({ mode: word, decidedBy: 'stored' });
  });

  it('of local counts, and never sends', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    await say(home, 'local');
    await runFront(home, ['version'], { env: ingest.place });
    expect(await flushAt(home, Date.now() + 2 * dayMs, ingest.place)).toBe('waiting');
    const { days } = await ask(home, 'show');
    expect(days).toMatchObject([{ usage: [{ name: 'version', count: 1 }] }]);
    expect(ingest.connections).toBe(0);
    // It would leave now, so the user who turns it on is told.
    expect(await say(home, 'on')).toMatch('That includes what was counted while it was local');
  });
});

describe('what is not understood', () => {
  it.each([
    ['foo', /unknown command 'foo'; expected one of status, show, log, usage, on, local, off$/],
    ['status --foo', /unknown option '--foo'; expected --json or --help$/],
    ['off now', /too many arguments/],
  ])('is told what is: %s', async (words, message) => {
    using home = openHome();
    const args = ['telemetry', ...words.split(' ')];
    const plain = await runFront(home, args);
    expect(plain).toMatchObject({ code: 1, stdout: '' });
    expect(plain.stderr.trimEnd()).toMatch(message);
    const { code, stdout, stderr } = await runFront(home, [...args, '--json']);
    expect([code, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: expect.stringMatching(message) as string,
    });
    expect(listFiles(home.home)).toEqual([]);
  });

  it('without a home is an error that is valid JSON, too', async () => {
    using home = openHome();
    for (const word of ['status', 'on', 'off', 'show', 'log']) {
      const ended = await runFront(home, ['telemetry', word, '--json'], { env: { HOME: 'none' } });
      expect(ended).toMatchObject({ code: 1, stderr: '' });
      expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false });
    }
  });
});

describe('words in another order, or few of them, mean the same:', () => {
  it.each([
    [
      ['telemetry', '--json'],
      ['telemetry', 'status', '--json'],
    ],
    [
      ['telemetry', '--json', 'log'],
      ['telemetry', 'log', '--json'],
    ],
    [
      ['--no-telemetry', 'telemetry'],
      ['telemetry', 'status', '--no-telemetry'],
    ],
    [
      ['telemetry', 'help'],
      ['telemetry', '--help'],
    ],
    [
      ['help', 'telemetry'],
      ['telemetry', '--help'],
    ],
  ])('%j', async (some, others) => {
    using home = openHome();
    const [one, other] = [await runFront(home, some), await runFront(home, others)];
    expect(one).toEqual(other);
    expect(one).toMatchObject({ code: 0, stderr: '' });
  });
});

it.skipIf(process.platform === 'win32')('a reader that closes early breaks nothing', async () => {
  using home = openHome();
  const command = `${quote(process.execPath)} ${quote(front)} telemetry show`;
  const { env, cwd } = settings(home, { env: { PATH: process.env['PATH'] } });
  const shell = await run('sh', ['-c', `(${command}; echo "code $?" >&2) | true`], { env, cwd });
  expect(shell.stderr).toBe('code 0\n');
});

it('an off-switch that is misspelt still switches off', async () => {
  using home = openHome();
  const env = { CODEGRAPH_TELEMETRY: '1' };
  for (const flag of ['--no-telemetri', '--no-telemetry=1', '-no-telemetry']) {
    expect((await runFront(home, [flag, 'query', 'greet'], { env })).code).toBe(1);
  }
  expect(listFiles(home.folder)).toEqual([]);
});

it('no answer has a colour in it, whatever the terminal', async () => {
  using home = openHome();
  await countAt(home, Date.now());
  for (const word of ['status', 'show', 'log', '--help', 'on']) {
    expect(await say(home, word, { FORCE_COLOR: '3' })).not.toContain('\u001B');
  }
});

function contentOf({ folder }: TestHome): readonly (readonly [string, string])[] {
  return listFiles(folder)
    .filter((name) => name !== 'telemetry')
    .map((name) => [name, readFileSync(join(folder, name), 'latin1')]);
}
