import fc from 'fast-check';
import { type History, histories } from './history.ts';
import type { Outcome, Simulate } from './simulate.ts';
import type { Step } from './steps.ts';

/** How long to look: so many histories, or so many milliseconds, whichever is over first. */
export interface Effort {
  readonly seed: number;
  readonly runs: number;
  readonly maxMs?: number;
}

export interface Search {
  readonly seed: number;
  /** How many histories were looked at before the first bad one. */
  readonly good: number;
  /** The shortest bad history that was found; undefined when all were good. */
  readonly bad: (Outcome & { readonly history: History }) | undefined;
}

/** Looks for a history that ends badly, and for a shorter one that does so too. */
export async function search(simulate: Simulate, { seed, runs, maxMs }: Effort): Promise<Search> {
  const property = fc.asyncProperty(histories, async (history) => {
    const { problems } = await simulate(history);
    return problems.length === 0;
  });
  const result = await fc.check(property, {
    seed,
    numRuns: runs,
    ...(maxMs !== undefined && { interruptAfterTimeLimit: maxMs }),
  });
  if (!result.failed) return { seed, good: result.numRuns, bad: undefined };
  const [history] = result.counterexample as [History];
  return { seed, good: result.numRuns - 1, bad: { history, ...(await simulate(history)) } };
}

/** A bad history in words: what was to happen, what happened call by call, and what is wrong. */
export function tell({ seed, good, bad }: Search): string {
  if (bad === undefined) return `${good} histories with seed ${seed}: nothing is lost or doubled`;
  return [
    `after ${good} good histories with seed ${seed}:`,
    ...bad.problems.map((problem) => `  ${problem}`),
    `when this happens, with ${bad.history.hazards.join(', ') || 'no hazards'}:`,
    ...bad.history.steps.flatMap((step) => describe(step, '  ')),
    'call by call:',
    ...bad.trace.map((line) => `  ${line}`),
  ].join('\n');
}

function describe(step: Step, indent: string): readonly string[] {
  const { meanwhile, ...facts } = { meanwhile: [], ...step };
  const words = Object.values(facts).map((fact) =>
    typeof fact === 'object' ? Object.values(fact).join(' ') : String(fact),
  );
  return [indent + words.join(', '), ...meanwhile.flatMap((each) => describe(each, `${indent}  `))];
}
