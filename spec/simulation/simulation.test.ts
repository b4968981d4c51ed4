import { expect, it } from 'vitest';
import { mutations } from './mutations.ts';
import { search, tell } from './search.ts';
import { loadSimulator } from './simulate.ts';

/**
 * Histories of many processes over the code that is shipped: every system call may be the last one.
 * `node spec/simulation/main.ts --runs 100000` plays more of them.
 */

const histories = 2_000;
const maxMs = 300_000;

// The same in every run, so that a change is held against what the one before it had to stand.
const seed = 1;

it('loses and doubles nothing, whatever happens', { timeout: maxMs }, async () => {
  const found = await search(await loadSimulator(), seed, histories);

  expect(tell(found)).toContain('nothing is lost or doubled');
});

it('finds a defect that is put into the code', { timeout: maxMs }, async () => {
  const twice = 'a claim that stands is counted from its beginning again';
  const mutation = mutations.find(({ what }) => what === twice);
  const found = await search(await loadSimulator(mutation), 1, histories);

  expect(found.bad?.problems.join()).toContain('was counted 2 times');
});
