/**
 * Real processes on bad days, by hand. Exits 0 only if every count arrived once.
 *
 *   npm run chaos                            a minute of kills at random
 *   npm run chaos -- --seconds 900 --seed 7  so many seconds, a fortnight a home, with these draws
 *   npm run chaos -- --steps                 a kill at each single step
 *   npm run chaos -- --burst 100             so many times 200 processes that end at once
 */
import { parseArgs } from 'node:util';
import { runBursts } from './burst.ts';
import { type Chaos, runChaos } from './chaos.ts';
import type { Verdict } from './counts.ts';
import { sumFigures, tellFigures } from './figures.ts';
import { killAtSteps } from './kill-at-steps.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    seed: { type: 'string' },
    steps: { type: 'boolean', default: false },
    burst: { type: 'string' },
  },
});
const burstSize = 200;
const isDefault = !values.steps && values.burst === undefined;

if (values.seconds !== undefined || isDefault) await chaos(Number(values.seconds ?? 60));
if (values.steps) await steps();
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
  const title = `processes in ${runs.length} homes and ${days} days`;
  console.log(tellFigures(title, sumFigures(runs.map(({ processes }) => processes))));
  console.log(tellFigures('killed', sumFigures(runs.map(({ kills }) => kills))));
  console.log(tellFigures('requests', sumFigures(runs.map(({ requests }) => requests))));
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

async function steps(): Promise<void> {
  const { kills, problems } = await killAtSteps(true);
  console.log(tellFigures('killed', kills));
  tell(problems);
}

async function bursts(rounds: number): Promise<void> {
  console.log(`${rounds} times ${burstSize} processes that end at once`);
  conclude(await runBursts(burstSize, rounds));
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
