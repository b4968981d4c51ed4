/**
 * The simulation by hand: `node spec/simulation/main.ts --runs 100000 --seed 1`. With `--mutations`
 * each known defect is put into our code and has to be found. Exits 0 only if all is as it must be.
 */
import { parseArgs } from 'node:util';
import { mutations } from './mutations.ts';
import { search, tell } from './search.ts';
import { loadSimulator } from './simulate.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    mutations: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const runs = Number(values.runs);

process.exitCode = (await (values.mutations ? findMutations() : findNothing())) ? 0 : 1;

async function findNothing(): Promise<boolean> {
  const found = await search(await loadSimulator(), seed, runs);
  console.log(tell(found));
  return found.bad === undefined;
}

async function findMutations(): Promise<boolean> {
  let areFound = true;
  for (const mutation of mutations) {
    const { good, bad } = await search(await loadSimulator(mutation), seed, runs);
    areFound &&= bad !== undefined;
    const found = bad === undefined ? 'NOT FOUND' : `after ${good + 1}: ${bad.problems.join(', ')}`;
    console.log(`${mutation.what}\n  ${found}`);
  }
  return areFound;
}
