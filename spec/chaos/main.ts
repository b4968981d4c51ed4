/**
 * Real processes on bad days, by hand. Exits 0 only if every count arrived once.
 *
 *   npm run chaos                            a minute of kills at random
 *   npm run chaos -- --seconds 900 --seed 7  so many seconds, with these draws
 *   npm run chaos -- --steps                 a kill at each single step
 *   npm run chaos -- --burst 100             so many times 200 processes that end at once
 */
import { parseArgs } from 'node:util';
import { runBursts } from './burst.ts';
import { runChaos } from './chaos.ts';
import type { Verdict } from './counts.ts';
import { tellFigures } from './figures.ts';
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
  console.log(`seed ${seed}`);
  const { days, processes, kills, requests, verdict } = await runChaos(seed, seconds);
  console.log(tellFigures(`processes in ${days} days`, processes));
  console.log(tellFigures('killed', kills));
  console.log(tellFigures('requests', requests));
  conclude(verdict);
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
