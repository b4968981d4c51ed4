import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { choiceFileName } from '../../contract/files.ts';
import { run } from '../support/programs.ts';
import { runFront, settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { type Answer, startIngest } from '../support/ingest.ts';
import { allLifecycleOf, filesOf, lifecycleIn, readStored } from '../support/install-steps.ts';
import { copyPackage, writeEngine } from '../support/package-copy.ts';
import { keys, openScreen } from '../support/screen.ts';

/** `codegraph uninstall`: takes away what was asked for, and goes without a word if that was wanted. */

const where = 'Remove CodeGraph from all your projects';
const forget = 'Delete what telemetry has stored on this machine?';

/** A home with two agents that have codegraph, and what telemetry has stored of that. */
async function openInstalled(env: NodeJS.ProcessEnv, choice?: 'on' | 'local' | 'off') {
  const home = openHome();
  if (choice !== undefined) await runFront(home, ['telemetry', choice]);
  await runFront(home, ['install', '--target', 'cursor,kiro', '--yes'], { env });
  return home;
}

const files = { cursor: '.cursor/mcp.json', kiro: '.kiro/settings/mcp.json' };

/** The agents that start codegraph. */
function configuredIn({ home }: TestHome): readonly string[] {
  const isConfigured = (path: string): boolean =>
    existsSync(join(home, path)) && readFileSync(join(home, path), 'utf8').includes('codegraph');
  return Object.entries(files).flatMap(([id, path]) => (isConfigured(path) ? [id] : []));
}

describe('on a terminal', () => {
  it('removes as the engine does, sends the one event, and deletes all of telemetry when told', async () => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place, 'on');
    using screen = openScreen(home, ['uninstall'], { env: ingest.place });

    await screen.asks(where);
    screen.type(keys.enter);
    await screen.asks(forget);
    expect(lifecycleIn(ingest.bodies).at(-1)).toEqual([
      'uninstall',
      { targets: ['cursor', 'kiro'] },
    ]);
    screen.type(keys.enter);

    expect((await screen.ended).code).toBe(0);
    expect(screen.text()).not.toContain('Also remove the CodeGraph CLI');
    expect(screen.text()).toContain('Deleted.');
    expect(configuredIn(home)).toEqual([]);
    expect(filesOf(home)).toEqual([]);
  });

  it('leaves what telemetry has stored when that is the answer', async () => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place, 'local');
    using screen = openScreen(home, ['uninstall'], { env: ingest.place });

    await screen.asks(where);
    screen.type(keys.enter);
    await screen.asks(forget);
    screen.type('n');

    expect((await screen.ended).code).toBe(0);
    expect(screen.text()).toContain(
      'Nothing was deleted. To delete it later: codegraph telemetry off',
    );
    expect(filesOf(home)).toContain('telemetry/buffer.msgpack');
    expect(ingest.connections).toBe(0);
  });

  it('keeps a choice not to send: without it the next to come would take nothing for a yes', async () => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place, 'local');
    using screen = openScreen(home, ['uninstall'], { env: ingest.place });

    await screen.asks(where);
    screen.type(keys.enter);
    await screen.asks(`${forget} Your choice not to send is kept.`);
    screen.type(keys.enter);

    expect((await screen.ended).code).toBe(0);
    expect(filesOf(home)).toEqual([choiceFileName]);
    expect(readStored(home)).toMatchObject({ mode: 'local' });
  });

  it('offers to keep telemetry while an agent is left', async () => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place, 'on');
    using screen = openScreen(home, ['uninstall', '--target', 'kiro'], { env: ingest.place });

    await screen.asks(where);
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

    await screen.asks(where);
    screen.type(keys.enter);

    expect((await screen.ended).code).toBe(0);
    expect(screen.text()).not.toContain(forget);
    expect(configuredIn(home)).toEqual([]);
    expect(filesOf(home)).toEqual([choiceFileName]);
    expect(ingest.connections).toBe(0);
  });

  it('removes nothing, and has nothing to offer, when the engine is cancelled', async () => {
    await using ingest = await startIngest();
    using home = await openInstalled(ingest.place, 'local');
    using screen = openScreen(home, ['uninstall'], { env: ingest.place });

    await screen.asks(where);
    screen.type(keys.ctrlC);

    expect((await screen.ended).code).toBe(0);
    expect(screen.text()).toContain('Uninstall cancelled.');
    expect(screen.text()).not.toContain(forget);
    expect(configuredIn(home)).toEqual(['cursor', 'kiro']);
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

    const events = await allLifecycleOf(home, ingest, ingest.consent);
    expect(events.map(([name]) => name)).not.toContain('uninstall');
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
    ['uninstall --location nowhere --yes', 'uninstall --keep-cli --location nowhere --yes'],
  ])('`%s` is `%s` for the engine', async (line, told) => {
    expect(await argsFor(line.split(' '))).toBe(told);
  });
});
