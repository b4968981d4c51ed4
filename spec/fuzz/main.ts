/**
 * Hostile bytes by hand: `npm run fuzz -- --buffers 1000000 --seed 7`. What was found is seen again
 * with the seed and the path that it was printed with. Exits 0 only if all is as it must be.
 */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    buffers: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    path: { type: 'string' },
    /** How many of a thousand go into the sandbox. */
    walled: { type: 'string', default: '5' },
  },
});

const startedAt = performance.now();
const { isGood, text } = await fuzz(
  {
    seed: Number(values.seed ?? Date.now() % 2 ** 31),
    buffers: Number(values.buffers),
    walledOfThousand: Number(values.walled),
    path: values.path,
  },
  (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done}`);
  },
);
console.log(text);
console.log(`${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
process.exitCode = isGood ? 0 : 1;
