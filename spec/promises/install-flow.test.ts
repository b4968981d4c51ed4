import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { type Ingest, startIngest } from '../support/ingest.ts';
import {
  allLifecycleOf,
  answerEngine,
  answers,
  engineQuestions,
  filesOf,
  haveCursor,
  readStored,
  toggle,
} from '../support/install-steps.ts';
import { front } from '../support/paths.ts';
import { keys, openScreen, type Screen, type ScreenOptions } from '../support/screen.ts';

/** `codegraph install` in a real terminal: our one question, then the engine's own installer. */

const cursorFile = '.cursor/mcp.json';

interface Stage extends AsyncDisposable {
  readonly home: TestHome;
  readonly ingest: Ingest;
  readonly screen: Screen;
}

/** Starts `codegraph install` where there is a Cursor, and a test ingest. */
async function open(
  args: readonly string[] = ['install'],
  { env, ...options }: ScreenOptions = {},
): Promise<Stage> {
  const home = openHome();
  const ingest = await startIngest();
  haveCursor(home);
  const screen = openScreen(home, args, { ...options, env: { ...ingest.place, ...env } });
  return {
    home,
    ingest,
    screen,
    async [Symbol.asyncDispose]() {
      screen[Symbol.dispose]();
      await ingest[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
}

describe('the question', () => {
  it('says what is sent, when and to whom', async () => {
    await using stage = await open();
    const { screen, ingest } = stage;

    await screen.asks(toggle);

    expect(screen.text()).toContain('commands, tools, agents and languages, on which OS');
    expect(screen.text()).toContain('CODEGRAPH_TELEMETRY=0');
    expect(screen.text()).toContain('More: TELEMETRY.md');
    expect(screen.text()).toContain(
      'totals after the day is over; install, index and uninstall at',
    );
    expect(screen.text()).toContain(`To: ${ingest.place.CODEGRAPH_TELEMETRY_ENDPOINT}`);
  });

  it('answered with yes stores that, and sends the one event after the installation', async () => {
    await using stage = await open();
    const { home, ingest, screen } = stage;

    await screen.asks(toggle);
    screen.type(...answers.yes);

    expect(await answerEngine(screen)).toBe(0);
    expect(readStored(home)).toMatchObject({ mode: 'on', consent_source: 'installer' });
    expect(listFiles(home.home)).toContain(cursorFile);
    expect(await allLifecycleOf(home, ingest)).toEqual([
      ['install', { targets: ['cursor'], scope: 'global', kind: 'fresh' }],
    ]);
  });

  it('answered with no stores that, and leaves nothing else', async () => {
    await using stage = await open();
    const { home, ingest, screen } = stage;

    await screen.asks(toggle);
    screen.type(...answers.no);

    expect(await answerEngine(screen)).toBe(0);
    expect(readStored(home)).toMatchObject({ enabled: false, machine_id: null });
    expect(filesOf(home)).toEqual(['telemetry.json']);
    expect(listFiles(home.home)).toContain(cursorFile);
    expect(ingest.connections).toBe(0);
  });

  it('answered with "for me only" counts, and sends nothing', async () => {
    await using stage = await open();
    const { home, ingest, screen } = stage;

    await screen.asks(toggle);
    screen.type(...answers.local);

    expect(await answerEngine(screen)).toBe(0);
    expect(readStored(home)).toMatchObject({ enabled: false, mode: 'local', machine_id: null });
    expect(filesOf(home)).toEqual([
      'telemetry',
      'telemetry.json',
      'telemetry/buffer.msgpack',
      'telemetry/install.json',
    ]);
    expect(ingest.connections).toBe(0);
  });

  it('answered with "show me" prints a whole report, stores nothing, and comes again', async () => {
    await using stage = await open();
    const { home, screen } = stage;

    await screen.asks(toggle);
    screen.type(...answers.show);
    await screen.shows('"batch_id"');
    await screen.asks(toggle);

    const events = screen.text().match(/"event": "\w+"/g);
    expect(events).toEqual(
      ['usage_rollup', 'index', 'install', 'uninstall'].map((name) => `"event": "${name}"`),
    );
    expect(filesOf(home)).toEqual([]);
  });
});

// D28: the engine takes this for a yes, and sends in the same run.
describe('a cancel is a no, and installs nothing', () => {
  function expectNo({ home, ingest, screen }: Stage): void {
    expect(screen.text()).toContain('Nothing was installed, and telemetry is off.');
    expect(screen.text()).not.toMatch(/^ +at /m);
    expect(readStored(home)).toMatchObject({ enabled: false, consent_source: 'installer' });
    expect(listFiles(home.home)).toEqual(['.codegraph', '.codegraph/telemetry.json', '.cursor']);
    expect(ingest.connections).toBe(0);
  }

  test.each([
    ['Ctrl-C', keys.ctrlC],
    ['Escape', keys.escape],
    ['Ctrl-D', keys.ctrlD],
  ])('when it is %s at the question', async (_name, key) => {
    await using stage = await open();

    await stage.screen.asks(toggle);
    stage.screen.type(key);

    expect((await stage.screen.ended).code).toBe(130);
    expectNo(stage);
  });

  it('when it is Ctrl-C while the preview is prepared', async () => {
    await using stage = await open();
    const { screen } = stage;

    await screen.asks(toggle);
    screen.type(...answers.show);
    await screen.shows(`◇  ${toggle}`);
    screen.type(keys.ctrlC);

    expect((await screen.ended).code).toBe(130);
    expectNo(stage);
  });
});

describe("the engine's installer", () => {
  it('asks its own questions, among them for permissions, but not about telemetry', async () => {
    await using stage = await open(['install', '--target', 'claude', '--telemetry', 'off']);
    const { home, screen } = stage;
    const { path, where, waitlist } = engineQuestions;

    const code = await answerEngine(screen, [
      path,
      where,
      ['Auto-allow CodeGraph commands?', 'n'],
      ['Front-load CodeGraph', 'n'],
      waitlist,
    ]);

    expect(code).toBe(0);
    expect(screen.text()).not.toContain(toggle);
    expect(screen.text()).not.toContain('Share anonymous usage stats?');
    expect(listFiles(home.home)).toContain('.claude.json');
    expect(listFiles(home.home)).not.toContain('.claude/settings.json');
  });

  it('ends as it does alone when it is cancelled; the answer stays, and no event is recorded', async () => {
    await using stage = await open();
    const { home, ingest, screen } = stage;

    await screen.asks(toggle);
    screen.type(...answers.yes);

    expect(await answerEngine(screen, [[engineQuestions.agents[0], keys.ctrlC]])).toBe(0);
    expect(screen.text()).toContain('Installation cancelled.');
    expect(listFiles(home.home)).not.toContain(cursorFile);
    expect(readStored(home)).toMatchObject({ mode: 'on' });
    expect(await allLifecycleOf(home, ingest)).toEqual([]);
  });

  it('writes for one project, which the event says; the same again is no event', async () => {
    await using stage = await open(['install', '--telemetry', 'on']);
    const { home, ingest, screen } = stage;
    const { agents, path, where, waitlist } = engineQuestions;

    screen.type(keys.down);
    const code = await answerEngine(screen, [
      agents,
      path,
      [where[0], `${keys.down}${keys.enter}`],
      waitlist,
    ]);
    using again = openScreen(home, ['install', '-t', 'cursor', '-l', 'local'], {
      env: ingest.place,
    });

    expect([code, await answerEngine(again, [path])]).toEqual([0, 0]);
    expect(listFiles(home.project)).toContain(cursorFile);
    expect(await allLifecycleOf(home, ingest)).toEqual([
      ['install', { targets: ['cursor'], scope: 'local', kind: 'fresh' }],
    ]);
  });

  test.each([
    ['ours, npm only rehearses', front, 'dry run: true', 'Done!'],
    ['another, npm is as always', '/bin/true', 'dry run:', 'which is not this command'],
  ])('may call npm; where `codegraph` is %s', async (_what, target, expected, said) => {
    await using stage = await open(['telemetry', 'off']);
    const { home } = stage;
    await stage.screen.ended;
    const bin = join(home.root, 'bin');
    mkdirSync(bin);
    symlinkSync(target, join(bin, 'codegraph'));
    const npm = 'echo "dry run: $npm_config_dry_run" > "$HOME/npm"';
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\n${npm}\n`, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    using screen = openScreen(home, ['install', '-t', 'cursor', '-l', 'global'], { env });

    const { path, waitlist } = engineQuestions;
    expect(await answerEngine(screen, [[path[0], 'y'], waitlist])).toBe(0);

    expect(readFileSync(join(home.home, 'npm'), 'utf8').trim()).toBe(expected);
    expect(screen.text()).toContain(said);
  });
});

describe('in a terminal', () => {
  it('of 30 columns the question can be read and answered', async () => {
    await using stage = await open(['install'], { columns: 30, rows: 24 });
    const { home, screen } = stage;

    await screen.asks('Share how codegraph is');
    const read = screen.text().replaceAll(/[\s│]+/g, ' ');
    for (const words of ['commands', 'Never code', 'at once', 'Count for me only', 'No']) {
      expect(read).toContain(words);
    }
    screen.type(...answers.no);

    expect(await answerEngine(screen, [['Which agents', keys.ctrlC]])).toBe(0);
    expect(readStored(home)).toMatchObject({ enabled: false });
  });

  test.each<[what: string, env: NodeJS.ProcessEnv, unwanted: RegExp]>([
    // eslint-disable-next-line no-control-regex -- it is what colours are made of
    ['with NO_COLOR it has no colour', { NO_COLOR: '1' }, /\u001B\[(?:3[0-7]|4[0-7]|9[0-7])m/],
    ['without Unicode it has no arrows and boxes', { TERM: 'linux' }, /[\u2190-\u25FF]/],
  ])('%s', async (_what, env, unwanted) => {
    await using stage = await open(['install'], { env });
    const { screen } = stage;

    await screen.asks(toggle);
    screen.type(...answers.show);
    await screen.shows('"batch_id"');
    await screen.asks(toggle);
    screen.type(keys.ctrlC);
    await screen.ended;

    expect(screen.raw).not.toMatch(unwanted);
  });

  it('alone, `codegraph` is the same installer', async () => {
    await using stage = await open([]);

    await stage.screen.asks(toggle);
    stage.screen.type(keys.ctrlC);

    expect((await stage.screen.ended).code).toBe(130);
  });
});
