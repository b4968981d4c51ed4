import type { Bench, Row } from './bench.ts';
import { type Arrivals, type Endpoint, startEndpoint } from './endpoint.ts';
import { type Home, makeHome } from './home.ts';
import { interleave, medianOf } from './measure.ts';
import { ourFiles, programPath, publishedFiles, runProgram } from './programs.ts';
import type { Load } from './workload.ts';

/** What a child prints that has flushed. */
interface FlushFigures {
  /** Milliseconds of the machine's monotonic clock. */
  readonly startedAt: number;
  /** Until the flush has its result; for ours, until the thread is gone as well. */
  readonly wallMs: number;
  readonly longestBlockMs: number;
  readonly mainCpuMs: number;
  /** The sender thread, and the threads that compile and collect for it. */
  readonly otherCpuMs: number;
  readonly addedPeakMb: number;
}

type Flush = FlushFigures & Arrivals & { readonly firstPostMs: number };

/** Whole flushes, each in a fresh process, as a flush always is. */
export const flush: Bench = {
  name: 'flush',
  run: async (effort) => {
    const rounds = effort === 'full' ? 11 : 3;
    return [
      ...(await measure('machine-day', 'accepting', rounds)),
      ...(await measure('full', 'accepting', rounds)),
      ...(await measure('machine-day', 'hanging', Math.ceil(rounds / 3))),
      ...(await measure('full', 'hanging', Math.ceil(rounds / 3))),
    ];
  },
};

async function measure(
  load: Load,
  manner: 'accepting' | 'hanging',
  rounds: number,
): Promise<readonly Row[]> {
  const endpoint = await startEndpoint(manner);
  const home = makeHome(endpoint.url);
  try {
    const run = (program: string, library: string) => () => {
      home.load(load);
      return runFlush([programPath(program), library], home, endpoint);
    };
    const samples = await interleave(
      {
        ours: run('flush.mjs', ourFiles.library),
        published: run('flush-published.cjs', publishedFiles.telemetry),
      },
      rounds,
    );
    const name = load === 'full' ? 'full buffer' : load;
    return manner === 'accepting'
      ? toRows(`flush of a ${name}`, samples, allColumns)
      : toRows(`flush of a ${name}, endpoint hangs`, samples, hangingColumns);
  } finally {
    home.remove();
    await endpoint.close();
  }
}

async function runFlush(args: string[], home: Home, endpoint: Endpoint): Promise<Flush> {
  endpoint.take();
  const figures = await runProgram<FlushFigures>(args, home.env);
  const arrivals = endpoint.take();
  if (arrivals.firstAt === undefined) throw new Error(`${args.join(' ')} sent nothing.`);
  return { ...figures, ...arrivals, firstPostMs: arrivals.firstAt - figures.startedAt };
}

interface Samples {
  readonly ours: readonly Flush[];
  readonly published: readonly Flush[];
}

type Column = Pick<Row, 'unit' | 'target'> & {
  readonly name: string;
  readonly key: Exclude<keyof Flush, 'firstAt'>;
};

// What an endpoint that never answers could make worse.
const hangingColumns: readonly Column[] = [
  { name: 'until the thread is gone', unit: 'ms', key: 'wallMs' },
  { name: 'longest block of the main thread', unit: 'ms', key: 'longestBlockMs' },
  {
    name: 'memory added at the peak',
    unit: 'MB',
    key: 'addedPeakMb',
    target: { atMost: 50 },
  },
];

const allColumns: readonly Column[] = [
  { name: 'until the first report has arrived', unit: 'ms', key: 'firstPostMs' },
  ...hangingColumns,
  { name: 'CPU of the main thread', unit: 'ms', key: 'mainCpuMs' },
  { name: 'CPU of all other threads', unit: 'ms', key: 'otherCpuMs' },
  { name: 'requests', unit: 'requests', key: 'requests' },
  { name: 'bytes sent', unit: 'bytes', key: 'bytes' },
];

function toRows(what: string, samples: Samples, columns: readonly Column[]): readonly Row[] {
  return columns.map(({ name, key, ...column }) => ({
    ...column,
    what: `${what}: ${name}`,
    ours: medianOf(samples.ours, key),
    published: medianOf(samples.published, key),
  }));
}
