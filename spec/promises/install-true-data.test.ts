import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { maxLanguages } from '../../contract/limits.ts';
import { countsIn, readBuffer } from '../support/buffer.ts';
import { run } from '../support/programs.ts';
import { runFront, settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { type Ingest, startIngest } from '../support/ingest.ts';
import { allLifecycleOf, answerEngine, haveCursor } from '../support/install-steps.ts';
import { copyPackage, writeEngine } from '../support/package-copy.ts';
import { openScreen } from '../support/screen.ts';

/**
 * What the published client reports wrongly, and this one does not. Its `install.kind` is in
 * install-targets, its `uninstall` of `uninit` in install-uninstall.
 */

type Lifecycle = readonly (readonly [string, object])[];

/**
 * The events of a run. The engine is asked about an index for a second, which a machine that runs
 * other tests may not have: then it is run again, in a home like the first.
 */
async function reportOf(
  runs: readonly string[],
  prepare: (home: TestHome) => void = () => undefined,
): Promise<Lifecycle> {
  const attempt = async (): Promise<Lifecycle> => {
    using home = openHome();
    await using ingest = await startIngest();
    prepare(home);
    for (const line of runs) {
      const { code } = await runFront(home, line.split(' '), { env: ingest.consent });
      expect(code).toBe(0);
    }
    return await allLifecycleOf(home, ingest, ingest.consent);
  };
  for (let attempts = 1; attempts < 5; attempts++) {
    const events = await attempt();
    if (events.length >= runs.length) return events;
  }
  return await attempt();
}

function lay({ project }: TestHome, files: Readonly<Record<string, string>>): void {
  rmSync(project, { recursive: true });
  mkdirSync(project);
  for (const [path, text] of Object.entries(files)) writeFileSync(join(project, path), text);
}

const small = { file_count_bucket: '<100', duration_bucket: expect.any(String) };

test.each([[['init', 'index', 'index --quiet']], [['init .', 'index -q .']]])(
  '%j report what they indexed',
  async (runs) => {
    const events = await reportOf(runs);

    const languages = expect.arrayContaining(['typescript', 'python']);
    expect(events).toEqual(runs.map(() => ['index', { ...small, languages }]));
  },
);

it('`init` where there is an index reports nothing: it does nothing', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  await runFront(home, ['init'], { env: { DO_NOT_TRACK: '1' } });

  const again = await runFront(home, ['init'], { env: ingest.consent });
  const installed = await runFront(home, ['install', '-yit', 'kiro'], { env: ingest.consent });

  expect([again.code, installed.code]).toEqual([0, 0]);
  const events = await allLifecycleOf(home, ingest, ingest.consent);
  expect(events.map(([name]) => name)).toEqual(['install']);
});

it('`install --init` reports both', async () => {
  const prepare = ({ root }: TestHome): void => mkdirSync(join(root, 'home', '.cursor'));
  const events = await reportOf(['install -yi -t cursor', 'index'], prepare);

  expect(events).toContainEqual([
    'install',
    { targets: ['cursor'], scope: 'global', kind: 'fresh' },
  ]);
  expect(events).toContainEqual(['index', expect.objectContaining(small)]);
});

it('in a terminal, too', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  haveCursor(home);
  using screen = openScreen(home, ['install', '--init'], { env: ingest.consent });

  expect(await answerEngine(screen)).toBe(0);

  expect(screen.text()).toContain('Initialized in');
  const events = await allLifecycleOf(home, ingest, ingest.consent);
  expect(events.map(([name]) => name)).toContain('install');
});

it('names languages in the order of the list, which tells nothing of the project', async () => {
  const rubies = ['a', 'b', 'c'].map((name) => [`${name}.rb`, `def ${name}\nend\n`]);
  const gophers = ['d', 'e'].map((name) => [`${name}.go`, 'package main\n']);
  const files = { 'f.c': 'int f;\n', ...Object.fromEntries([...gophers, ...rubies]) };

  const events = await reportOf(['init'], (home) => {
    lay(home, files);
  });

  expect(events).toEqual([['index', { ...small, languages: ['go', 'c', 'ruby'] }]]);
});

const many =
  'arkts astro c cfml cfscript cobol cpp csharp dart erlang go java javascript jsx kotlin liquid ' +
  'lua luau nix objc pascal properties python r razor ruby rust scala solidity svelte swift ' +
  'terraform tsx twig typescript vbnet vue xml yaml';

/** What arrives when an engine says that it has indexed these files. */
async function reportOfFiles(
  home: TestHome,
  ingest: Ingest,
  languages: readonly string[],
): Promise<Lifecycle> {
  const files = languages.map((language, index) => ({ path: `a/${index}`, language }));
  writeFileSync(join(home.home, 'files.json'), JSON.stringify(files));
  // The real one needs a minute to learn as many languages.
  const engine = writeEngine(home, 'if [ "$1" = files ]; then cat "$HOME/files.json"; fi');
  const env = { ...ingest.consent, CODEGRAPH_ENGINE: engine };
  const front = copyPackage(home);
  await run(process.execPath, [front, 'init'], settings(home, { env }));
  return await allLifecycleOf(home, ingest, ingest.consent);
}

it('names as many languages as the contract takes, and never none for being too many', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  const names = many.split(' ');

  const [event] = await reportOfFiles(home, ingest, [...names, 'vue', 'vue', 'xml', 'klingon']);

  expect(names).toHaveLength(39);
  const languages = languagesOf(event);
  expect(languages).toHaveLength(maxLanguages);
  // The most used are kept: vue and xml are the last in the alphabet.
  expect(languages).toEqual(expect.arrayContaining(['vue', 'xml', 'arkts']));
  expect(languages).not.toContain('yaml');
});

function languagesOf(event: Lifecycle[number] | undefined): readonly string[] {
  const [name, props] = event ?? ['none', {}];
  if (name !== 'index' || !('languages' in props)) throw new Error(`${name} is no index event`);
  return props.languages as readonly string[];
}

it('says nothing of a folder in which there was nothing to index', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  lay(home, {});

  await runFront(home, ['init'], { env: ingest.consent });

  expect(await allLifecycleOf(home, ingest, ingest.consent)).toEqual([]);
});

it('counts a command that fails as one that failed', async () => {
  using home = openHome();
  const env = { CODEGRAPH_TELEMETRY: '1' };

  expect((await runFront(home, ['query', 'greet'], { env })).code).toBe(1);
  expect((await runFront(home, ['install', '-y', '-t', 'nobody'], { env })).code).toBe(1);

  expect(countsIn(readBuffer(home).frames)).toEqual({ query: '1/1', install: '1/1' });
});

it('does not count a prompt hook that was switched off', async () => {
  using home = openHome();
  const env = { CODEGRAPH_TELEMETRY: '1', CODEGRAPH_NO_PROMPT_HOOK: '1' };

  await runFront(home, ['prompt-hook'], { env });

  expect(readBuffer(home).frames).toEqual([]);
});
