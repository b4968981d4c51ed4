import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../spec/support/home.ts';
import { findPathProblem } from './command-on-path.ts';

/** Two folders, each with a `codegraph`: the first leads to us, the second is another. */
function lay(): { self: string; ours: string; theirs: string; empty: string } {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  for (const name of ['ours', 'theirs', 'empty']) mkdirSync(at(name));
  writeFileSync(at('codegraph.js'), '');
  writeFileSync(join(at('theirs'), 'codegraph'), '');
  symlinkSync(at('codegraph.js'), join(at('ours'), 'codegraph'));
  return { self: at('codegraph.js'), ours: at('ours'), theirs: at('theirs'), empty: at('empty') };
}

type Place = 'ours' | 'theirs' | 'empty';

test.skipIf(process.platform === 'win32').each<[places: readonly Place[], expected: string]>([
  [['ours'], 'nothing'],
  [['empty', 'ours', 'theirs'], 'nothing'],
  [['theirs', 'ours'], 'not this command'],
  [['empty'], 'no codegraph on your PATH'],
  [[], 'no codegraph on your PATH'],
])('with %j on the PATH the problem is %s', (places, expected) => {
  const laid = lay();
  const env = { PATH: places.map((place) => laid[place]).join(delimiter) };

  expect(findPathProblem(env, laid.self) ?? 'nothing').toContain(expected);
});
