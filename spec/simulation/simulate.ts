import { happen, type History } from './history.ts';
import { Machine } from './machine.ts';
import type { Mutation } from './mutations.ts';
import { loadProduction } from './production.ts';
import { judge } from './verdict.ts';
import { World } from './world.ts';

export interface Outcome {
  /** What is not as it must be; empty when all is well. */
  readonly problems: readonly string[];
  /** For each kill, the call that the process was about to make. */
  readonly killedBefore: readonly string[];
  /** What happened, one line a system call; made only where there is a problem. */
  readonly trace: readonly string[];
}

/** Lets a history happen in a world of its own, and judges what came of it. */
export type Simulate = (history: History) => Promise<Outcome>;

/** Gets our code ready to be put into worlds; each history then has one of its own. */
export async function loadSimulator(mutation?: Mutation): Promise<Simulate> {
  const machine = new Machine();
  const production = await loadProduction(machine, mutation);
  return async (history) => {
    const world = new World(machine, production);
    try {
      await happen(world, history);
      const problems = await judge(world);
      const { killedBefore } = world;
      return { problems, killedBefore, trace: problems.length === 0 ? [] : world.trace };
    } catch (error) {
      return {
        problems: [error instanceof Error ? String(error.stack) : String(error)],
        killedBefore: world.killedBefore,
        trace: world.trace,
      };
    }
  };
}
