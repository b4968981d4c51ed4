import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../scripts/set-up/paths.mjs';
import { mutations } from './mutations.ts';
import { search, tell } from './search.ts';
import { loadSimulator } from './simulate.ts';

/**
 * Histories of many processes over the code that is shipped: every system call may be the last one.
 * `npm run simulate` plays others and more.
 */

// The same ones in every run, so that a change is held against what the one before it had to stand.
const effort = { seed: 1, runs: 6_000 };
const maxMs = 600_000;

it('loses and doubles nothing, whatever happens', { timeout: maxMs }, async () => {
  const found = await search(await loadSimulator(), effort);

  expect(tell(found)).toContain('nothing is lost or doubled');
});

it('knows for each of its defects the one place in the code where it goes', () => {
  const places = mutations.map(({ what, file, from }): readonly [string, number] => {
    return [what, readFileSync(join(root, file), 'utf8').split(from).length - 1];
  });

  expect(places.filter(([, count]) => count !== 1)).toEqual([]);
});

it.each([
  ['a claim that stands is counted from its beginning again', 'was counted 2 times'],
  ['an appender never looks whether its file was deleted', 'was lost'],
])('finds a defect that is put into the code: %s', { timeout: maxMs }, async (defect, problem) => {
  const mutation = mutations.find(({ what }) => what === defect);
  const found = await search(await loadSimulator(mutation), effort);

  expect(found.bad?.problems.join()).toContain(problem);
});
