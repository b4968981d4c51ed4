import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpack } from 'msgpackr';
import { root } from '../scripts/set-up/paths.mjs';
import { readFrame, scanFrames } from '../contract/frame.ts';
import type { Bench, Row, Target } from './bench.ts';
import { type Home, makeHome } from './home.ts';
import { interleave, medianOf } from './measure.ts';
import type { SandboxFigures } from './programs/sandbox.ts';
import { programPath, runProgram } from './programs.ts';
import type { Load } from './workload.ts';

/**
 * The sandbox alone: the steps of a flush inside it, from cold, as a flush always is. CPU time of
 * the one thread that they run in.
 */
export const sandbox: Bench = {
  name: 'sandbox',
  run: async (effort) => {
    const home = makeHome();
    try {
      const rounds = effort === 'full' ? 11 : 3;
      const day = await measure(home, 'machine-day', rounds);
      const full = await measure(home, 'full', rounds);
      return [
        {
          what: 'sandbox, CPU: engine compiled and restored',
          unit: 'ms',
          ours: medianOf(day.sandbox, 'load') + medianOf(day.sandbox, 'restore'),
          beside: { 'restored once more': medianOf(day.sandbox, 'restoreAgain') },
        },
        toRow('sandbox, CPU: the same, and a machine-day absorbed and sealed', day, { atMost: 60 }),
        toRow('sandbox, CPU: the same with a full buffer', full, { atMost: 100 }),
        {
          what: 'sandbox, CPU: a counter of a full buffer',
          unit: 'µs',
          ours: (medianOf(full.sandbox, 'absorb') * 1_000) / countersIn(home.buffer),
        },
      ];
    } finally {
      home.remove();
    }
  },
};

interface Places {
  readonly sandbox: readonly SandboxFigures[];
  /** The same code outside of the sandbox. */
  readonly node: readonly SandboxFigures[];
}

async function measure(home: Home, load: Load, rounds: number): Promise<Places> {
  home.load(load);
  const thread = join(root, 'dist', 'thread.mjs');
  const run = (place: keyof Places) => () =>
    runProgram<SandboxFigures>([programPath('sandbox.ts'), place, home.buffer, thread], home.env);
  return interleave({ sandbox: run('sandbox'), node: run('node') }, rounds);
}

function countersIn(buffer: string): number {
  const frames = scanFrames(readFileSync(buffer)).payloads.map((payload) =>
    readFrame(unpack(payload)),
  );
  return frames.reduce((sum, frame) => sum + (frame?.counters.length ?? 0), 0);
}

function toRow(what: string, places: Places, target: Target): Row {
  const all = places.sandbox.map(({ load, restore, absorb }) => ({ all: load + restore + absorb }));
  return {
    what,
    unit: 'ms',
    ours: medianOf(all, 'all'),
    beside: {
      'absorb alone': medianOf(places.sandbox, 'absorb'),
      'second call': medianOf(places.sandbox, 'absorbAgain'),
      'plain Node': medianOf(places.node, 'absorb'),
    },
    target,
    because:
      'QuickJS interprets the guest’s code; Node compiles it. Frames that are alike cross the wall once. Most of a ' +
      'full buffer are not alike.',
  };
}
