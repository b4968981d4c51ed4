/**
 * Hostile input by hand: `npm run fuzz -- --buffers 1000000 --seed 7`. First frames and ledgers, then as
 * many answers of a broken guest, bodies at the ingest and calls of the API as `--others` says. What was
 * found is seen again with the seed and the path that it was printed with. Exits 0 only if all is as it
 * must be.
 */
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { type CommandResult, runCommand } from '../../scripts/run-command.ts';
import { modules, root } from '../../scripts/set-up/paths.mjs';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    buffers: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    path: { type: 'string' },
    /** How many of a thousand go into the sandbox. */
    walled: { type: 'string', default: '5' },
    others: { type: 'string', default: '20000' },
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
const others = isGood && values.path === undefined ? await fuzzOthers(values.others) : undefined;
if (others !== undefined) console.log(others.output.trim());
process.exitCode = isGood && (others?.code ?? 0) === 0 ? 0 : 1;

/** The suite has a short form of each. */
async function fuzzOthers(runs: string): Promise<CommandResult> {
  const vitest = join(modules, 'vitest', 'vitest.mjs');
  const files = ['answers.test', 'telemetry.hostile', 'ingest/hostile.test'];
  const projects = ['--project', 'unit', '--project', 'worker'];
  const args = [vitest, 'run', ...projects, '--test-timeout', '3600000', ...files];
  return await runCommand(process.execPath, args, {
    cwd: root,
    env: { ...process.env, TELEMETRY_FUZZ_RUNS: runs },
  });
}
