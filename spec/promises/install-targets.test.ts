import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, test } from 'vitest';
import { installRecordFile } from '../../contract/files.ts';
import { type InstallScope, targets } from '../../contract/report/lists.ts';
import { runEngine, runFront } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { startIngest } from '../support/ingest.ts';
import { allLifecycleOf } from '../support/install-steps.ts';

/** Agents' files are as the engine alone makes and unmakes them; the events name those agents. */

const everyAgent = targets.filter((id) => id !== 'other');
const perProject = everyAgent.slice(0, everyAgent.indexOf('hermes'));

/** What users have in these files already. */
const settings: Readonly<Record<string, string>> = {
  'home/.claude.json': '{"projects":{"/codegraph":{}},"mcpServers":{"other":{"command":"x"}}}',
  'home/.claude/settings.json': '{"permissions":{"allow":["Bash(ls)"]},"hooks":{}}',
  'home/.cursor/mcp.json': '{\n\t"mcpServers": {}\n}',
  'home/.codex/config.toml': 'model = "o"\n\n[mcp_servers.other]\ncommand = "codegraph"\n',
  'home/.config/opencode/opencode.jsonc': '{\n  // mine\n  "mcp": { "other": {}, },\n}\n',
  'home/.gemini/settings.json': '{"theme":"codegraph"}',
  'home/.hermes/config.yaml': 'model: x\nmcp_servers:\n  other:\n    command: codegraph\n',
  'home/.config/Code/User/mcp.json': '{"servers":{"other":{}},/* inputs */"inputs":[]}',
  'project/.mcp.json': '{"mcpServers":{"other":{"command":"codegraph"}}}',
  'project/.vscode/mcp.json': '// mine\n{ "servers": {} }',
  'project/AGENTS.md': '# Rules\n\nUse codegraph.\n',
};

/** Everything below home and project but telemetry's own folder: path and content. */
function readTree({ root }: TestHome): ReadonlyMap<string, string> {
  const tree = new Map<string, string>();
  for (const path of listFiles(root)) {
    if (/^(?!home|project)|^home\/\.codegraph/.test(path)) continue;
    try {
      tree.set(path, readFileSync(join(root, path), 'utf8'));
    } catch {
      tree.set(path, 'a folder');
    }
  }
  return tree;
}

function reset({ root, home, project }: TestHome, files: Readonly<Record<string, string>>): void {
  for (const folder of [home, project]) {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

test.each<[scope: InstallScope, where: string, files: Readonly<Record<string, string>>]>([
  ['global', 'in an empty home', {}],
  ['global', 'beside settings of theirs', settings],
  ['local', 'in an empty project', {}],
  ['local', 'beside settings of theirs', settings],
])('installs and uninstalls all agents, %s, %s, to the byte', async (scope, _where, files) => {
  using home = openHome();
  await using ingest = await startIngest();
  const order = ['--target', 'all', '--location', scope, '--yes'];
  const env = { ...ingest.consent };

  reset(home, files);
  const said = await runEngine(home, ['install', ...order]);
  const installed = readTree(home);
  const unsaid = await runEngine(home, ['uninstall', ...order, '--keep-cli']);
  const uninstalled = readTree(home);

  reset(home, files);
  const install = await runFront(home, ['install', ...order], { env });
  expect(install).toEqual(said);
  expect(readTree(home)).toEqual(installed);
  const uninstall = await runFront(home, ['uninstall', ...order], { env });
  expect(uninstall).toEqual(unsaid);
  expect(readTree(home)).toEqual(uninstalled);

  // In the engine's order, which is not ours.
  const served = scope === 'global' ? everyAgent : perProject;
  const targetsOfAll = expect.toSatisfy(
    (ids: readonly string[]) => ids.toSorted().join() === served.toSorted().join(),
  );
  expect(await allLifecycleOf(home, ingest, ingest.consent)).toEqual([
    ['install', { targets: targetsOfAll, scope, kind: 'fresh' }],
    ['uninstall', { targets: targetsOfAll }],
  ]);
});

// One with a file of its own for a project, one without.
test.each(['cursor', 'hermes'])('names %s alone when it is alone', async (id) => {
  using home = openHome();
  await using ingest = await startIngest();
  const env = { ...ingest.consent };

  await runFront(home, ['install', '-t', id, '-y'], { env });
  await runFront(home, ['uninstall', '--yes'], { env });

  expect(await allLifecycleOf(home, ingest, ingest.consent)).toEqual([
    ['install', { targets: [id], scope: 'global', kind: 'fresh' }],
    ['uninstall', { targets: [id] }],
  ]);
});

it('calls the first fresh, another agent or another run a reinstall, another engine an upgrade', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  const install = async (ids: string): Promise<void> => {
    const args = ['install', `--target=${ids}`, '-yl', 'global'];
    expect((await runFront(home, args, { env: { ...ingest.consent } })).code).toBe(0);
  };

  await install('cursor');
  await install('kiro');
  await install('cursor,kiro');
  const record = join(home.folder, installRecordFile);
  expect(JSON.parse(readFileSync(record, 'utf8'))).toEqual({ engine_version: '1.6.1' });
  writeFileSync(record, '{"engine_version":"1.5.0"}');
  await install('cursor');
  await install('cursor');

  // What shares a report is in the order of its text.
  const said = (await allLifecycleOf(home, ingest, ingest.consent)).map(([, props]) => props);
  const expected = [
    { targets: ['cursor'], scope: 'global', kind: 'fresh' },
    { targets: ['kiro'], scope: 'global', kind: 'reinstall' },
    { targets: ['cursor', 'kiro'], scope: 'global', kind: 'reinstall' },
    { targets: ['cursor'], scope: 'global', kind: 'upgrade' },
    { targets: ['cursor'], scope: 'global', kind: 'reinstall' },
  ];
  expect(said).toHaveLength(expected.length);
  expect(said).toEqual(expect.arrayContaining(expected));
});

it('says nothing of agents from which nothing was removed', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  const env = { ...ingest.consent };
  await runFront(home, ['install', '--target', 'cursor,kiro', '--yes'], { env });

  await runFront(home, ['uninstall', '--target', 'kiro,codex', '--yes'], { env });
  await runFront(home, ['uninstall', '--target', 'kiro', '--yes'], { env });

  expect((await allLifecycleOf(home, ingest, ingest.consent)).slice(1)).toEqual([
    ['uninstall', { targets: ['kiro'] }],
  ]);
});
