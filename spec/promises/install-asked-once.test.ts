import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { choiceFileName, noticeFile } from '../../contract/files.ts';
import { readBuffer } from '../support/buffer.ts';
import { runEngine, runFront } from '../support/command.ts';
import { openHome, type TestHome, writeChoice } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { startIngest } from '../support/ingest.ts';
import {
  allLifecycleOf,
  answerEngine,
  answers,
  engineQuestions,
  filesOf,
  readStored,
  toggle,
} from '../support/install-steps.ts';
import { keys, openScreen } from '../support/screen.ts';

/** The question is asked once, of people, and only of whoever has not decided. */

const uuid = 'e0f087a2-15fa-4a29-b614-2d43b12089a9';
const on = `{"enabled":true,"machine_id":"${uuid}","consent_source":"installer"}`;

// It is asked before, so the rest of the dialog does not matter.
const cancelEngine = [[engineQuestions.agents[0], keys.ctrlC]] as const;

function choiceText({ folder }: TestHome): string | undefined {
  const path = join(folder, choiceFileName);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

describe('where something has decided', () => {
  interface Decided {
    readonly env?: NodeJS.ProcessEnv;
    readonly args?: readonly string[];
    readonly choice?: string;
    readonly says: string;
  }
  test.each<[what: string, decided: Decided]>([
    ['DO_NOT_TRACK', { env: { DO_NOT_TRACK: '1' }, says: 'off, decided by the DO_NOT_TRACK' }],
    ['a variable', { env: { CODEGRAPH_TELEMETRY: '0' }, says: 'off, decided by the CODEGRAPH' }],
    ['a yes in it', { env: { CODEGRAPH_TELEMETRY: '1' }, says: 'on, decided by the CODEGRAPH' }],
    ['the flag', { args: ['--no-telemetry'], says: 'off, decided by the --no-telemetry flag' }],
    ['a stored yes', { choice: on, says: 'on, decided by your stored choice' }],
    ['a stored no', { choice: '{"enabled":false}', says: 'off, decided by your stored choice' }],
    [
      'a stored local',
      { choice: '{"enabled":false,"mode":"local"}', says: 'local, decided by your stored choice' },
    ],
    [
      'a cut choice',
      { choice: '{"ena', says: 'off, decided by a choice file that cannot be read' },
    ],
  ])('by %s, it says so instead of asking', async (_what, { env, args = [], choice, says }) => {
    using home = openHome();
    if (choice !== undefined) writeChoice(home, choice);
    const nowhere = { CODEGRAPH_TELEMETRY_ENDPOINT: 'http://127.0.0.1:9/v1/events' };
    using screen = openScreen(home, [...args, 'install'], { env: { ...nowhere, ...env } });

    expect(await answerEngine(screen, cancelEngine)).toBe(0);
    expect(screen.text()).toContain(`Telemetry is ${says}`);
    expect(screen.text()).not.toContain(toggle);
    expect(choiceText(home)).toBe(choice);
  });

  it('by an answer, the next install does not ask again', async () => {
    using home = openHome();
    using first = openScreen(home, ['install']);
    await first.asks(toggle);
    first.type(...answers.local);
    expect(await answerEngine(first, cancelEngine)).toBe(0);
    const stored = choiceText(home);

    using second = openScreen(home, ['install']);

    expect(await answerEngine(second, cancelEngine)).toBe(0);
    expect(second.text()).not.toContain(toggle);
    expect(choiceText(home)).toBe(stored);
  });

  it('by nobody but the engine, that is no answer', async () => {
    using home = openHome();
    writeChoice(home, on.replace('installer', 'default-notice'));
    using screen = openScreen(home, ['install']);

    await screen.asks(toggle);
    screen.type(...answers.no);

    expect(await answerEngine(screen, cancelEngine)).toBe(0);
    expect(readStored(home)).toMatchObject({ enabled: false, machine_id: null });
  });
});

describe('when the data set has grown since the answer', () => {
  const old = '{"enabled":true,"consent_source":"installer","data_version":0}';

  it('install says what is new and asks; a yes is to the data set of now', async () => {
    using home = openHome();
    writeChoice(home, old);
    using screen = openScreen(home, ['install']);

    await screen.asks(toggle);
    expect(screen.text()).toMatch(/has grown since you answered\..+None of this is counted yet/s);
    expect(screen.text()).toContain('2026-11-23: use of commands and MCP tools');
    screen.type(...answers.local);

    expect(await answerEngine(screen, cancelEngine)).toBe(0);
    expect(readStored(home)).toMatchObject({ mode: 'local', data_version: 1 });
  });

  it('a cancel is a no to all of it', async () => {
    using home = openHome();
    writeChoice(home, old);
    using screen = openScreen(home, ['install']);

    await screen.asks(toggle);
    screen.type(keys.ctrlC);

    expect((await screen.ended).code).toBe(130);
    expect(readStored(home)).toMatchObject({ enabled: false, data_version: 1 });
  });

  it('until then nothing of what is new is recorded', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    writeChoice(home, old);

    await runFront(home, ['version'], { env: ingest.place });
    await runFront(home, ['install', '--target', 'cursor', '--yes'], { env: ingest.place });

    expect(readBuffer(home).frames).toEqual([]);
    expect(ingest.connections).toBe(0);
    expect(choiceText(home)).toBe(old);
  });
});

describe('without a terminal', () => {
  it.each([['install'], ['uninstall']])(
    '%s says what a script has to say, and fails',
    async (word) => {
      using home = openHome();

      const { code, stdout, stderr } = await runFront(home, [word]);

      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain(`codegraph ${word} --yes`);
      expect(listFiles(home.home)).toEqual([]);
    },
  );

  it('`codegraph` alone does as the engine does', async () => {
    using home = openHome();

    const { code, stdout } = await runFront(home, []);

    expect(code).toBe(0);
    expect(stdout).toContain('CodeGraph v1.6.1');
  });

  it('--yes is no yes to telemetry: the notice and its wait hold', async () => {
    using home = openHome();
    await using ingest = await startIngest();

    const { code, stderr } = await runFront(home, ['install', '-y', '-t', 'cursor'], {
      env: ingest.place,
    });

    expect(code).toBe(0);
    expect(stderr).toContain('Turn off: codegraph telemetry off');
    expect(filesOf(home)).toEqual([
      'telemetry',
      'telemetry/buffer.msgpack',
      'telemetry/install.json',
      'telemetry/notice.json',
    ]);
    // No terminal has shown it, so it does not even begin.
    expect(readFileSync(join(home.folder, noticeFile), 'utf8')).toBe('{"seen_at":null}\n');
    expect(ingest.connections).toBe(0);
  });

  it('--yes leaves a machine alone where telemetry is off', async () => {
    using home = openHome();

    const { code, stderr } = await runFront(home, ['install', '-y', '-t', 'cursor'], {
      env: { DO_NOT_TRACK: '1' },
    });

    expect([code, stderr]).toEqual([0, '']);
    expect(listFiles(home.home)).toEqual(['.cursor', '.cursor/mcp.json']);
  });
});

describe('--telemetry', () => {
  const install = ['install', '--yes', '--target', 'cursor'];

  test.each([
    ['on', { mode: 'on', consent_source: 'installer' }],
    ['off', { enabled: false, consent_source: 'installer' }],
    ['local', { enabled: false, mode: 'local', consent_source: 'installer' }],
  ])('%s answers the question, and the engine never sees it', async (word, stored) => {
    using home = openHome();
    await using ingest = await startIngest();
    const env = ingest.place;

    const apart = await runFront(home, [...install, '--telemetry', word], { env });
    expect([apart.code, readStored(home)]).toEqual([0, expect.objectContaining(stored)]);
    const events = await allLifecycleOf(home, ingest);
    expect(events.length > 0).toBe(word === 'on');

    const joined = await runFront(home, [...install, `--telemetry=${word}`], { env });
    expect([joined.code, readStored(home)]).toEqual([0, expect.objectContaining(stored)]);
  });

  test.each([
    ['off', 'on', 'off'],
    ['off', 'local', 'off'],
    ['local', 'on', 'local'],
    ['local', 'off', 'off'],
    ['on', 'local', 'local'],
    ['on', 'off', 'off'],
  ])('on a machine that is %s, %s makes it %s', async (before, wish, after) => {
    using home = openHome();
    await runFront(home, ['telemetry', before]);

    const { code } = await runFront(home, [...install, '--telemetry', wish], {
      env: { CODEGRAPH_TELEMETRY_ENDPOINT: 'http://127.0.0.1:9/v1/events' },
    });

    const status = await runFront(home, ['telemetry', 'status', '--json']);
    expect([code, JSON.parse(status.stdout)]).toEqual([
      0,
      expect.objectContaining({ mode: after }),
    ]);
  });

  it.each([['maybe'], ['']])('"%s" is refused, and nothing is installed', async (word) => {
    using home = openHome();

    const { code, stderr } = await runFront(home, [...install, '--telemetry', word]);

    expect(code).toBe(1);
    expect(stderr).toContain('expected on, off or local');
    expect(listFiles(home.home)).toEqual([]);
  });

  it.each([[['--print-config', 'cursor']], [['--refresh']], [['--target', 'none']]])(
    'is refused where nothing is asked: %s',
    async (args) => {
      using home = openHome();

      const { code } = await runFront(home, ['install', ...args, '--telemetry', 'off']);

      expect(code).toBe(1);
      expect(listFiles(home.home)).toEqual([]);
    },
  );

  it('answers the question in a terminal, too', async () => {
    using home = openHome();
    using screen = openScreen(home, ['install', '--telemetry', 'off']);

    expect(await answerEngine(screen, cancelEngine)).toBe(0);
    expect(screen.text()).not.toContain(toggle);
    expect(filesOf(home)).toEqual([choiceFileName]);
  });
});

it.each([
  ['install', '--telemetry <on|off|local>'],
  ['uninstall', '--remove-cli'],
])('the help of %s is that of the engine, and what is ours', async (word, option) => {
  using home = openHome();

  const alone = await runEngine(home, [word, '--help']);
  const { code, stdout } = await runFront(home, [word, '--help']);

  expect(code).toBe(0);
  expect(stdout.startsWith(alone.stdout)).toBe(true);
  expect(stdout.slice(alone.stdout.length)).toContain(option);
  expect(listFiles(home.home)).toEqual([]);
});

it('a choice that cannot be stored stops the install before it begins', async () => {
  using home = openHome();
  // A file in the folder's place.
  writeFileSync(home.folder, '');

  const args = ['install', '--yes', '--target=cursor', '--telemetry=off'];
  const { code, stderr } = await runFront(home, args);

  expect(code).toBe(1);
  expect(stderr).toContain('could not be stored');
  expect(listFiles(home.home)).toEqual(['.codegraph']);
});
