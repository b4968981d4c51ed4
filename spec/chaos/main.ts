/**
 * Real processes on bad days, by hand. Exits 0 only if every count arrived once.
 *
 *   npm run chaos                            a minute of kills at random
 *   npm run chaos -- --seconds 900 --seed 7  so many seconds, a fortnight a home, with these draws
 *   npm run chaos -- --burst 100             so many times 200 processes that end at once
 */
import { parseArgs } from 'node:util';
import { runBursts } from './burst.ts';
import { type Chaos, runChaos } from './chaos.ts';
import type { Verdict } from './counts.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    seed: { type: 'string' },
    burst: { type: 'string' },
  },
});
const burstSize = 200;

if (values.seconds !== undefined || values.burst === undefined)
  await chaos(Number(values.seconds ?? 60));
if (values.burst !== undefined) await bursts(Number(values.burst));

async function chaos(seconds: number): Promise<void> {
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  console.log(`seed ${seed}, and the next ones`);
  const endAt = performance.now() + seconds * 1_000;
  const runs: Chaos[] = [];
  for (let left = seconds; left > 0; left = (endAt - performance.now()) / 1_000) {
    runs.push(await runChaos(seed + runs.length, left));
  }
  const days = runs.reduce((sum, run) => sum + run.days, 0);
  const kills = runs.reduce((sum, run) => sum + run.kills, 0);
  console.log(`${kills} kills in ${runs.length} homes and ${days} days`);
  tellFigures(
    'processes',
    runs.map(({ processes }) => processes),
  );
  tellFigures(
    'requests',
    runs.map(({ requests }) => requests),
  );
  conclude(sumVerdicts(runs));
}

function sumVerdicts(runs: readonly Chaos[]): Verdict {
  const sum = (key: 'known' | 'begun' | 'arrived' | 'lost' | 'doubled'): number =>
    runs.reduce((total, { verdict }) => total + verdict[key], 0);
  return {
    known: sum('known'),
    begun: sum('begun'),
    arrived: sum('arrived'),
    lost: sum('lost'),
    doubled: sum('doubled'),
    problems: runs.flatMap(({ seed, verdict }) =>
      verdict.problems.map((problem) => `seed ${seed}: ${problem}`),
    ),
  };
}

/** Adds up how often each thing was seen, and prints that, the most frequent first. */
function tellFigures(title: string, parts: readonly ReadonlyMap<string, number>[]): void {
  const sums = new Map<string, number>();
  for (const [name, count] of parts.flatMap((part) => [...part])) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  console.log(`${title}:`);
  for (const [name, count] of [...sums].toSorted(([, one], [, other]) => other - one)) {
    console.log(`${String(count).padStart(8)}  ${name}`);
  }
}

async function bursts(rounds: number): Promise<void> {
  console.log(`${rounds} times ${burstSize} processes that end at once`);
  conclude((await runBursts(burstSize, rounds)).verdict);
}

function conclude({ known, begun, arrived, lost, doubled, problems }: Verdict): void {
  const cutOff = begun > known ? `, ${begun - known} more cut off by a kill` : '';
  console.log(`counts: ${known}${cutOff}; arrived ${arrived}, lost ${lost}, doubled ${doubled}`);
  tell(problems);
}

function tell(problems: readonly string[]): void {
  console.log(problems.length === 0 ? 'all is well\n' : `${problems.join('\n')}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
