import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { missingIn, readEngineNames, unknownIn } from '../support/engine-names.ts';
import { newHome } from '../support/home.ts';
import { engine } from '../support/paths.ts';

/** The contract has the names of the engine that is installed: docs/release.md says what to do if not. */

const code = join(dirname(dirname(engine)), 'lib', 'dist');

it('has every name of the installed engine', () => {
  expect(unknownIn(readEngineNames(code))).toEqual([]);
});

it('has no name that the installed engine does not have', () => {
  expect(missingIn(readEngineNames(code))).toEqual([]);
});

it('names what a newer engine has', () => {
  const { root } = newHome();
  const newer = join(root, 'dist');
  const edit = (path: string, from: string, to: string): void => {
    mkdirSync(dirname(join(newer, path)), { recursive: true });
    const text = readFileSync(join(code, path), 'utf8');
    expect(text).toContain(from);
    writeFileSync(join(newer, path), text.replace(from, to));
  };
  cpSync(join(code, 'installer', 'targets'), join(newer, 'installer', 'targets'), {
    recursive: true,
  });
  edit('bin/codegraph.js', ".command('version')", ".command('version').command('trace [path]')");
  edit('types.js', "'terraform',", "'terraform', 'elixir',");
  edit('mcp/tools.js', "name: 'codegraph_files'", "name: 'codegraph_cycles'");
  edit('installer/targets/kiro.js', "id = 'kiro'", "id = 'devin'");

  expect(unknownIn(readEngineNames(newer))).toEqual([
    'commands: trace',
    'tools: codegraph_cycles',
    'languages: elixir',
    'targets: devin',
  ]);
});
