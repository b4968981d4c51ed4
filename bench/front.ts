import type { Bench } from './bench.ts';
import { makeHome } from './home.ts';
import { interleave, median, medianAdded } from './measure.ts';
import { ourFiles, publishedFiles, timeProcess } from './programs.ts';

const ofProcess =
  'Nearly all of it is the start of a second Node, for the npm command as for the front. The front also ' +
  'decides whether to count.';

/** A command passed through the front, beside the engine's npm shim and its own launcher. */
export const front: Bench = {
  name: 'front',
  run: async (effort) => {
    const home = makeHome();
    try {
      home.load('empty');
      const time = (file: string, args: string[]) => () => timeProcess(file, args, home.env);
      const samples = await interleave(
        {
          front: time(process.execPath, [ourFiles.command, 'version']),
          shim: time(process.execPath, [publishedFiles.shim, 'version']),
          launcher: time(publishedFiles.launcher, ['version']),
        },
        effort === 'full' ? 25 : 5,
      );
      return [
        {
          what: 'codegraph version: front, against npm shim',
          unit: 'ms',
          ours: median(samples.front),
          published: median(samples.shim),
          beside: { launcher: median(samples.launcher) },
          because: ofProcess,
        },
        {
          what: 'added to the engine’s own launcher',
          unit: 'ms',
          ours: medianAdded(samples.front, samples.launcher),
          published: medianAdded(samples.shim, samples.launcher),
          because: ofProcess,
        },
      ];
    } finally {
      home.remove();
    }
  },
};
