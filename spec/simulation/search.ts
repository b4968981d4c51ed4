import fc from 'fast-check';
import { type History, histories, isPartOf, type Step } from './history.ts';
import type { Outcome } from './simulate.ts';

export interface Search {
  readonly seed: number;
  /** How many histories were looked at before the first bad one. */
  readonly good: number;
  /** The shortest bad history that was found; undefined when all were good. */
  readonly bad: (Outcome & { readonly history: History }) | undefined;
}

type Simulate = (history: History) => Promise<Outcome>;

/** Looks for a history that ends badly, and for a shorter one that does so too. */
export async function search(simulate: Simulate, seed: number, runs: number): Promise<Search> {
  const property = fc.asyncProperty(histories, async (history) => {
    const { problems } = await simulate(history);
    return problems.length === 0;
  });
  const result = await fc.check(property, { seed, numRuns: runs });
  if (!result.failed) return { seed, good: result.numRuns, bad: undefined };
  const [history] = result.counterexample as [History];
  return { seed, good: result.numRuns - 1, bad: { history, ...(await simulate(history)) } };
}

/** A bad history in words: what was to happen, what happened call by call, and what is wrong. */
export function tell({ seed, good, bad }: Search): string {
  if (bad === undefined) return `${good} histories with seed ${seed}: nothing is lost or doubled`;
  const steps = bad.history.steps.filter((step) => isPartOf(bad.history, step));
  return [
    `after ${good} good histories with seed ${seed}:`,
    ...bad.problems.map((problem) => `  ${problem}`),
    'when this happens:',
    ...bad.history.cast.map((script) => `  start, script ${script.join(',')}`),
    ...steps.map((step) => `  ${describe(step)}`),
    'call by call:',
    ...bad.trace.map((line) => `  ${line}`),
  ].join('\n');
}

function describe({ does, ...details }: Step): string {
  const text = Object.entries(details).map(([name, value]) => `${name} ${String(value)}`);
  return [does, ...text].join(', ');
}
