import fc from 'fast-check';
import type { Guest } from './guests.ts';
import { isOfNewerVersion, scanFrames } from '../../contract/frame.ts';
import { type Input, inputs } from './input.ts';
import { findProblems } from './judge.ts';

export interface Guests {
  readonly open: Guest;
  readonly walled: Guest;
}

export interface SearchOptions {
  readonly seed: number;
  readonly buffers: number;
  /** How many of a thousand go into the sandbox, which takes some thirty times as long. */
  readonly walledOfThousand: number;
  /** Where fast-check says that an input is, to see that one again. */
  readonly path?: string | undefined;
  /** Called before each. */
  readonly onInput?: (number: number) => void;
}

export interface Search {
  readonly seed: number;
  /** How many inputs were put to the test, and how many of them behind the wall. */
  readonly buffers: number;
  readonly walled: number;
  /** The smallest bad one that was found; undefined when all went well. */
  readonly bad:
    | { readonly path: string; readonly input: Input; readonly problems: readonly string[] }
    | undefined;
}

/** Looks for an input that the guest does not bear, and for a smaller one that does the same. */
export async function search(guests: Guests, options: SearchOptions): Promise<Search> {
  const { seed, buffers, walledOfThousand, path, onInput } = options;
  let walled = 0;
  let number = 0;
  const problemsOf = async (input: Input): Promise<readonly string[]> =>
    await findProblems(input.isWalled ? guests.walled : guests.open, input);
  const property = fc.asyncProperty(
    inputs(walledOfThousand).filter(isOfThisVersion),
    async (input) => {
      onInput?.(number);
      number += 1;
      if (input.isWalled) walled += 1;
      return (await problemsOf(input)).length === 0;
    },
  );
  const result = await fc.check(property, {
    seed,
    numRuns: buffers,
    ...(path !== undefined && { path }),
  });
  if (!result.failed) return { seed, buffers: result.numRuns, walled, bad: undefined };
  const [input] = result.counterexample as [Input];
  const bad = { path: result.counterexamplePath ?? '', input, problems: await problemsOf(input) };
  return { seed, buffers: result.numRuns, walled, bad };
}

/** A search in words, with all that is needed to see what it found again. */
export function tell({ seed, buffers, walled, bad }: Search): string {
  const what = `${buffers} hostile buffers with seed ${seed}, ${walled} of them in the sandbox`;
  if (bad === undefined) return `${what}: nothing broke, nothing leaked, nothing intact was lost`;
  return [
    `${what}, the last one is bad:`,
    ...bad.problems.map((problem) => `  ${problem}`),
    tellInput(bad.path, bad.input, seed),
  ].join('\n');
}

/** One input: how to see it again, and its ledger and claims. */
export function tellInput(path: string, input: Input, seed: number): string {
  const { ledger, before, claims, ids, answer, isWalled } = input;
  return [
    `see it again: npm run fuzz -- --seed ${seed} --path ${path}`,
    `${isWalled ? 'in the sandbox' : 'outside'}, ids: ${ids}, answer: ${answer?.kind}`,
    `ledger: ${ledger === null ? `made of ${JSON.stringify(before)}` : JSON.stringify(ledger)}`,
    ...claims.map(({ name, bytes, isFinal, firstLook }) => {
      const hex = Buffer.from(bytes).toString('hex');
      return `${name}, ${isFinal ? 'final' : 'open'}, first look ${firstLook}: ${hex}`;
    }),
  ].join('\n');
}

/** A claim stops at a frame of a version to come, which decode.test.ts holds. */
function isOfThisVersion({ claims }: Input): boolean {
  return !claims.some(({ bytes }) => scanFrames(bytes).payloads.some(isOfNewerVersion));
}
