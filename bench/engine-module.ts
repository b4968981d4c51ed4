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

const steps = { open: 'load and open', count: 'first count', persist: 'persist' } as const;

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
      const beside = Object.entries(steps).flatMap(([key, step]) => [
        [step, medianOf(ours, key as keyof typeof steps)] as const,
        [`published ${step}`, medianOf(published, key as keyof typeof steps)] as const,
      ]);
      return [
        {
          what: 'engine’s module: load, open, first count and persist',
          unit: 'ms',
          ours: medianOf(ours, 'all'),
          published: medianOf(published, 'all'),
          beside: Object.fromEntries(beside),
          target: { times: 0.5, of: 'published' },
          because: 'Half of it is the reading of the code, as above.',
        },
      ];
    } finally {
      home.remove();
    }
  },
};
