import { describe, expect, it, test } from 'vitest';
import { findConfigured } from '../../src/command/install/configured.ts';
import { choiceFileName } from '../../contract/files.ts';
import { run } from '../support/programs.ts';
import { runFront, settings } from '../support/command.ts';
import { listFiles, openHome, type TestHome } from '../support/home.ts';
import { type Answer, startIngest } from '../support/ingest.ts';
import { filesOf, lifecycleIn, readStored } from '../support/install-steps.ts';
import { copyPackage, writeEngine } from '../support/package-copy.ts';
import { keys, openScreen, type Screen } from '../support/screen.ts';

/** `codegraph uninstall`: takes away what was asked for, and goes without a word if that was wanted. */

const questions = {
  where: 'Remove codegraph from which projects?',
  agents: 'From which agents?',
  command: 'Remove the command of the engine from this machine as well?',
  go: 'Go ahead?',
};
const forget = 'Delete what telemetry has stored on this machine?';

/** A home with two agents that have codegraph, and what telemetry has stored of that. */
async function openInstalled(env: NodeJS.ProcessEnv, choice?: 'on' | 'local' | 'off') {
  const home = openHome();
  if (choice !== undefined) await runFront(home, ['telemetry', choice]);
  await runFront(home, ['install', '--target', 'cursor,kiro', '--yes'], { env });
  return home;
}

async function typePresets(screen: Screen): Promise<void> {
  for (const question of Object.values(questions)) {
    await screen.asks(question);
    screen.type(keys.enter);
  }
}

/** The agents that have codegraph. */
function configuredIn({ home, project }: TestHome): readonly string[] {
  return findConfigured('global', { home, project, env: {}, platform: process.platform });
}

describe('on a terminal', () => {
  it('removes what is ticked, sends the one event, and deletes all of telemetry when told', async () => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place, 'on');
    using screen = openScreen(home, ['uninstall'], { env: ingest.place });

    await typePresets(screen);
    await screen.asks(forget);
    expect(lifecycleIn(ingest.bodies).at(-1)).toEqual([
      'uninstall',
      { targets: ['cursor', 'kiro'] },
    ]);
    screen.type(keys.enter);

    expect((await screen.ended).code).toBe(0);
    expect(screen.text()).toContain('Cursor (has codegraph), Kiro (has codegraph)');
    expect(screen.text()).toContain('Deleted.');
    expect(configuredIn(home)).toEqual([]);
    expect(filesOf(home)).toEqual([]);
  });

  it('leaves what telemetry has stored when that is the answer', async () => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place, 'local');
    using screen = openScreen(home, ['uninstall'], { env: ingest.place });

    await typePresets(screen);
    await screen.asks(forget);
    screen.type('n', keys.enter);

    expect((await screen.ended).code).toBe(0);
    expect(screen.text()).toContain('It stays. To delete it: codegraph telemetry off');
    expect(filesOf(home)).toContain('telemetry/buffer.msgpack');
    expect(ingest.connections).toBe(0);
  });

  it('keeps a choice not to send: without it the next to come would take nothing for a yes', async () => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place, 'local');
    using screen = openScreen(home, ['uninstall'], { env: ingest.place });

    await typePresets(screen);
    await screen.asks(`${forget} Your choice not to send stays.`);
    screen.type(keys.enter);

    expect((await screen.ended).code).toBe(0);
    expect(filesOf(home)).toEqual([choiceFileName]);
    expect(readStored(home)).toMatchObject({ mode: 'local' });
  });

  it('offers to keep telemetry while an agent is left', async () => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place, 'on');
    using screen = openScreen(home, ['uninstall', '--target', 'kiro'], { env: ingest.place });

    await screen.asks(questions.where);
    screen.type(keys.enter);
    await screen.asks(questions.command);
    screen.type(keys.enter);
    await screen.asks(questions.go);
    screen.type(keys.enter);
    await screen.asks(forget);
    screen.type(keys.enter);

    expect((await screen.ended).code).toBe(0);
    expect(configuredIn(home)).toEqual(['cursor']);
    expect(filesOf(home)).toContain('telemetry/ledger.json');
  });

  it('has nothing to offer where telemetry was off', async () => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place, 'off');
    using screen = openScreen(home, ['uninstall'], { env: ingest.place });

    await typePresets(screen);

    expect((await screen.ended).code).toBe(0);
    expect(screen.text()).not.toContain(forget);
    expect(configuredIn(home)).toEqual([]);
    expect(filesOf(home)).toEqual([choiceFileName]);
    expect(ingest.connections).toBe(0);
  });

  test.each(Object.values(questions))('Ctrl-C at "%s" removes nothing', async (question) => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place, 'off');
    const before = listFiles(home.home);
    using screen = openScreen(home, ['uninstall'], { env: ingest.place });

    for (const earlier of Object.values(questions)) {
      await screen.asks(earlier);
      if (earlier === question) break;
      screen.type(keys.enter);
    }
    screen.type(keys.ctrlC);

    expect((await screen.ended).code).toBe(130);
    expect(screen.text()).toContain('Nothing was removed.');
    expect(listFiles(home.home)).toEqual(before);
  });
});

describe('the last event', () => {
  const uninstall = ['uninstall', '--yes'];

  it.each([
    ['off', { CODEGRAPH_TELEMETRY: '0' }],
    ['not to be tracked', { DO_NOT_TRACK: '1' }],
  ])('stays away from whoever is %s', async (_what, off) => {
    await using ingest = await startIngest();
    using home = await openInstalled({ ...ingest.place, ...off });

    const { code } = await runFront(home, uninstall, { env: { ...ingest.place, ...off } });

    expect(code).toBe(0);
    expect(configuredIn(home)).toEqual([]);
    expect(listFiles(home.folder)).toEqual([]);
    expect(ingest.connections).toBe(0);
  });

  it('stays away from whoever never was asked', async () => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place);

    await runFront(home, uninstall, { env: ingest.place });

    expect(ingest.connections).toBe(0);
  });

  it('is no event for `uninit`, nor where nothing was removed', async () => {
    await using ingest = await startIngest();
    using home = openHome();
    await runFront(home, ['init'], { env: ingest.consent });

    await runFront(home, ['uninit', '--force'], { env: ingest.consent });
    await runFront(home, uninstall, { env: ingest.consent });
    await runFront(home, ['sync'], { env: ingest.consent });

    expect(lifecycleIn(ingest.bodies).map(([name]) => name)).toEqual(['index']);
  });

  test.each<[what: string, answer: Answer]>([
    ['never answers', 'hang'],
    ['breaks', 'break'],
  ])('keeps nobody waiting for an ingest that %s', async (_what, answer) => {
    await using ingest = await startIngest(() => answer);
    using home = await openInstalled({ DO_NOT_TRACK: '1' });
    const quiet = await timed(() => runFront(home, uninstall, { env: { DO_NOT_TRACK: '1' } }));
    await runFront(home, ['install', '--target', 'cursor', '--yes'], {
      env: { DO_NOT_TRACK: '1' },
    });

    const asked = await timed(() => runFront(home, uninstall, { env: ingest.consent }));

    // The deadline, and as much again for a machine that is busy with other tests.
    expect(asked - quiet).toBeLessThan(3_000);
    expect(ingest.bodies).toHaveLength(1);
  });
});

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

describe('the command of the engine', () => {
  /** What the engine was told: by one that does no more than note it. */
  async function argsFor(args: readonly string[]): Promise<string> {
    using home = openHome();
    const env = { CODEGRAPH_ENGINE: writeEngine(home, 'echo "$@"'), DO_NOT_TRACK: '1' };
    const front = copyPackage(home);
    const { stdout } = await run(process.execPath, [front, ...args], settings(home, { env }));
    return stdout.trim();
  }

  test.each<[line: string, told: string]>([
    ['uninstall --yes', 'uninstall --keep-cli --yes'],
    ['uninstall -y --keep-cli', 'uninstall -y --keep-cli'],
    ['uninstall --yes --remove-cli', 'uninstall --yes'],
    ['uninstall --remove-cli --keep-cli -y', 'uninstall --keep-cli -y'],
    ['uninstall --location local', 'uninstall --keep-cli --location local'],
    ['uninstall --target none', 'uninstall --keep-cli --target none'],
    ['uninstall --target nobody', 'uninstall --keep-cli --target nobody'],
    ['uninstall --location nowhere --yes', 'uninstall --keep-cli --location nowhere --yes'],
  ])('`%s` is `%s` for the engine', async (line, told) => {
    expect(await argsFor(line.split(' '))).toBe(told);
  });

  it('goes when a person says so', async () => {
    using home = openHome();
    const env = { CODEGRAPH_ENGINE: writeEngine(home, 'echo told: "$@"'), DO_NOT_TRACK: '1' };
    using screen = openScreen(home, ['uninstall', '-t', 'kiro'], {
      env,
      command: copyPackage(home),
    });

    await screen.asks(questions.where);
    screen.type(keys.enter);
    await screen.asks(questions.command);
    screen.type('y', keys.enter);
    await screen.asks(questions.go);
    screen.type(keys.enter);

    expect((await screen.ended).code).toBe(0);
    expect(screen.text()).toContain('told: uninstall --location global --yes -t kiro');
  });

  it('is not asked about for one project', async () => {
    using home = openHome();
    const env = { DO_NOT_TRACK: '1' };
    using screen = openScreen(home, ['uninstall', '-t', 'kiro', '-l', 'local'], { env });

    await screen.asks(questions.go);
    screen.type(keys.enter);

    expect((await screen.ended).code).toBe(0);
    expect(screen.text()).not.toContain(questions.command);
  });
});
