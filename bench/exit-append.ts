import type { Bench, Row } from './bench.ts';
import { type Home, makeHome } from './home.ts';
import { interleave, median } from './measure.ts';
import { ourFiles, programPath, publishedFiles, runProgram } from './programs.ts';
import type { Load } from './workload.ts';

const repeats = 60;

/**
 * The append of one count, in process: the first one of a fresh process, as an exit is, and the
 * median of many, which shows what the size of the buffer costs.
 */
export const exitAppend: Bench = {
  name: 'exit-append',
  run: async (effort) => {
    const home = makeHome();
    try {
      const rounds = effort === 'full' ? 11 : 3;
      const empty = await measure(home, 'empty', rounds);
      const full = await measure(home, '200 KiB', rounds);
      return [
        toRow('append at exit, first of a process, empty buffer', first(empty)),
        toRow('append at exit, first of a process, 200 KiB buffer', first(full)),
        toRow('append, median of many, empty buffer', typical(empty)),
        toRow('append, median of many, 200 KiB buffer', typical(full)),
      ];
    } finally {
      home.remove();
    }
  },
};

/** Microseconds of each append, for each process. */
interface Appends {
  readonly ours: readonly number[][];
  readonly published: readonly number[][];
  readonly least: readonly number[][];
}

async function measure(home: Home, load: Load, rounds: number): Promise<Appends> {
  const program = programPath('exit-append.mjs');
  const run = (contestant: string, library: string, file: string) => () => {
    home.load(load);
    const original = load === 'empty' ? '' : home.keep(file);
    return runProgram<number[]>(
      [program, contestant, library, file, original, String(repeats)],
      home.env,
    );
  };
  return interleave(
    {
      ours: run('ours', ourFiles.library, home.buffer),
      published: run('published', publishedFiles.telemetry, home.queue),
      least: run('least', '', home.buffer),
    },
    rounds,
  );
}

type Figures = { readonly [Key in keyof Appends]: number };

function first({ ours, published, least }: Appends): Figures {
  const of = (processes: readonly number[][]) => median(processes.map(([value]) => value!));
  return { ours: of(ours), published: of(published), least: of(least) };
}

function typical({ ours, published, least }: Appends): Figures {
  const of = (processes: readonly number[][]) => median(processes.flatMap((all) => all.slice(1)));
  return { ours: of(ours), published: of(published), least: of(least) };
}

function toRow(what: string, { ours, published, least }: Figures): Row {
  return {
    what,
    unit: 'µs',
    ours,
    published,
    beside: { 'open, write, close': least },
    target: { times: 1, of: 'published' },
    because:
      'The process looks at consent before the write and after it, in code that runs for the first time. The ' +
      'published client looks at it once.',
  };
}
