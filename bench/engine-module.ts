import type { Bench } from './bench.ts';
import { makeHome } from './home.ts';
import { interleave, medianOf } from './measure.ts';
import { ourFiles, programPath, publishedFiles, runProgram } from './programs.ts';

/** Milliseconds of each step in a fresh process. */
interface EngineModuleFigures {
  readonly open: number;
  readonly count: number;
  readonly persist: number;
  readonly all: number;
}

const steps = {
  open: 'engine’s module: load and open',
  count: 'engine’s module: first count',
  persist: 'engine’s module: persist',
  all: 'engine’s module: all of these',
} as const;

/** What a command of the engine pays for its telemetry: our module in the place of its own. */
export const engineModule: Bench = {
  name: 'engine-module',
  run: async (effort) => {
    const home = makeHome();
    try {
      home.load('empty');
      const run = (path: string) => () =>
        runProgram<EngineModuleFigures>([programPath('engine-module.cjs'), path], home.env);
      const { ours, published } = await interleave(
        { ours: run(ourFiles.required), published: run(publishedFiles.telemetry) },
        effort === 'full' ? 25 : 5,
      );
      return (Object.keys(steps) as (keyof typeof steps)[]).map((step) => ({
        what: steps[step],
        unit: 'ms' as const,
        ours: medianOf(ours, step),
        published: medianOf(published, step),
        ...(step === 'all' && { target: { atMostOfPublished: 0.5 } }),
      }));
    } finally {
      home.remove();
    }
  },
};
