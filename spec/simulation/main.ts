/**
 * The simulation by hand, with a seed of its own unless one is given: `npm run simulate -- --runs
 * 100000` or `--minutes 15`. With `--mutations` each known defect is put into our code, and has to be
 * found, by chance or at a crash point. Exits 0 only if all is as it must be.
 */
import { parseArgs } from 'node:util';
import { killAtEachCall } from './crash-points.ts';
import { mutations } from './mutations.ts';
import { type Effort, search, tell } from './search.ts';
import { loadSimulator } from './simulate.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    mutations: { type: 'boolean', default: false },
  },
});
const { minutes, runs = minutes === undefined ? '10000' : 'Infinity' } = values;
const effort: Effort = {
  seed: Number(values.seed ?? Date.now() % 2 ** 31),
  runs: Math.min(Number(runs), 2 ** 31),
  ...(minutes !== undefined && { maxMs: Number(minutes) * 60_000 }),
};

process.exitCode = (await (values.mutations ? findMutations() : findNothing())) ? 0 : 1;

async function findNothing(): Promise<boolean> {
  const found = await search(await loadSimulator(), effort);
  console.log(tell(found));
  return found.bad === undefined;
}

async function findMutations(): Promise<boolean> {
  let areFound = true;
  for (const mutation of mutations) {
    const simulate = await loadSimulator(mutation);
    const { good, bad } = await search(simulate, effort);
    const problem =
      bad === undefined
        ? (await killAtEachCall(simulate)).problems[0]
        : `after ${good + 1}: ${bad.problems.join(', ')}`;
    areFound &&= problem !== undefined;
    console.log(`${mutation.what}\n  ${problem ?? 'NOT FOUND'}`);
  }
  return areFound;
}
