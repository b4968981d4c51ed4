import type { Bench, Row } from './bench.ts';
import { type Arrivals, type Endpoint, startEndpoint } from './endpoint.ts';
import { type Home, makeHome } from './home.ts';
import { interleave, medianOf } from './measure.ts';
import { ofPeers } from './peers.ts';
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
  /** Without pages of Node's own program file, which is shared and can be dropped. */
  readonly addedPrivateMb: number;
  /** Private memory that the process still has afterwards, mostly in its allocator's hands. */
  readonly keptMb: number;
}

export type Flush = FlushFigures & Arrivals & { readonly firstPostMs: number };

/** Whole flushes, each in a fresh process, as a flush always is. */
export const flush: Bench = {
  name: 'flush',
  run: async (effort, { peers }) => {
    const rounds = effort === 'full' ? 9 : 3;
    const few = Math.ceil(rounds / 3);
    // A peer gives up after 10 to 50 seconds: once will do, and no quick run waits for that.
    const patient = effort === 'full' ? peers : undefined;
    return [
      ...(await measure('machine-day', 'accepting', rounds, { peers, rounds: few })),
      await measureRested(few),
      ...(await measure('full', 'accepting', rounds, { rounds: few })),
      ...(await measure('machine-day', 'hanging', few, { peers: patient, rounds: 1 })),
    ];
  },
};

async function measure(
  load: Load,
  manner: 'accepting' | 'hanging',
  rounds: number,
  beside: { readonly peers?: string | undefined; readonly rounds: number },
): Promise<readonly Row[]> {
  const endpoint = await startEndpoint(manner);
  const home = makeHome(endpoint.url);
  try {
    const run =
      (program: string, ...args: string[]) =>
      () =>
        runFlush([programPath(program), ...args], load, home, endpoint);
    const samples = await interleave(
      {
        ours: run('flush.mjs', ourFiles.library),
        published: run('flush-published.cjs', publishedFiles.telemetry),
      },
      rounds,
    );
    const others: Record<string, () => Promise<Flush>> = {
      'in the engine': () => runFlush(inEngine(), load, home, endpoint),
      ...ofPeers(beside.peers, (peer, folder) => run('flush-peer.cjs', peer, folder)),
    };
    // It waits for its answer.
    if (manner === 'accepting') others[floor] = run('flush-floor.mjs');
    const ofOthers = await interleave(others, beside.rounds);
    const name = load === 'full' ? 'full buffer' : load;
    return manner === 'accepting'
      ? toRows(`flush of a ${name}`, samples, ofOthers, allColumns)
      : toRows(`flush of a ${name}, endpoint hangs`, samples, ofOthers, hangingColumns);
  } finally {
    home.remove();
    await endpoint.close();
  }
}

/** A thread's start and one request, in the same run. */
const floor = 'a thread that posts once';

// V8 keeps pages of a thread that has ended for 8 seconds, in case there will be another.
const restMs = 10_000;

/** What a process still has that goes on and does nothing. */
async function measureRested(rounds: number): Promise<Row> {
  const endpoint = await startEndpoint('accepting');
  const home = makeHome(endpoint.url);
  try {
    const run = (args: readonly string[]) => () => runFlush(args, 'machine-day', home, endpoint);
    const {
      ours,
      published,
      inEngine: ofEngine,
    } = await interleave(
      {
        ours: run([programPath('flush.mjs'), ourFiles.library, `${restMs}`]),
        published: run([programPath('flush-published.cjs'), publishedFiles.telemetry, `${restMs}`]),
        inEngine: run(inEngine(restMs)),
      },
      rounds,
    );
    return {
      what: 'flush of a machine-day: memory kept ten seconds later',
      unit: 'MB',
      ours: medianOf(ours, 'keptMb'),
      published: medianOf(published, 'keptMb'),
      beside: { 'in the engine': medianOf(ofEngine, 'keptMb') },
      target: { atMost: 6 },
      because: ofOptimizing,
    };
  } finally {
    home.remove();
    await endpoint.close();
  }
}

// On a busy machine the thread may come to its turn too late to send anything within a command's deadline. That is as promised, and no measurement.
const maxAttempts = 10;

/** One flush in a process of its own. @throws Error when it sends nothing, again and again. */
export async function runFlush(
  args: readonly string[],
  load: Load,
  home: Home,
  endpoint: Endpoint,
): Promise<Flush> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    home.load(load);
    endpoint.take();
    const figures = await runProgram<FlushFigures>(args, home.env);
    const arrivals = endpoint.take();
    if (arrivals.firstAt === undefined) continue;
    return { ...figures, ...arrivals, firstPostMs: arrivals.firstAt - figures.startedAt };
  }
  throw new Error(`${args.join(' ')} sent nothing in ${maxAttempts} attempts.`);
}

/** As the engine's launcher starts it, where V8 does not optimize the sandbox's engine. */
function inEngine(rest = 0): readonly string[] {
  return ['--liftoff-only', programPath('flush.mjs'), ourFiles.library, `${rest}`];
}

interface Samples {
  readonly ours: readonly Flush[];
  readonly published: readonly Flush[];
}

type Column = Pick<Row, 'unit' | 'target' | 'because'> & {
  readonly name: string;
  readonly key: Exclude<keyof Flush, 'firstAt'>;
};

const ofSandbox =
  'Before the first byte leaves, a sandbox is unpacked, compiled and restored, and reads every frame. The ' +
  'published client has no sandbox. No command waits for it.';
const ofOptimizing =
  'V8 optimizes the loop of the sandbox’s interpreter, one function of 37 kB, whatever runs in it. Only a ' +
  'flag of the whole process prevents that. The engine’s launcher has it: see ‘in the engine’.';

// What an endpoint that never answers could make worse.
const hangingColumns: readonly Column[] = [
  { name: 'until the thread is gone', unit: 'ms', key: 'wallMs', because: ofSandbox },
  { name: 'longest block of the main thread', unit: 'ms', key: 'longestBlockMs' },
  {
    name: 'memory added at the peak',
    unit: 'MB',
    key: 'addedPrivateMb',
    target: { atMost: 50 },
    because: ofOptimizing,
  },
];

const allColumns: readonly Column[] = [
  {
    name: 'until the first report has arrived',
    unit: 'ms',
    key: 'firstPostMs',
    target: { plus: 50, of: floor },
    because: ofSandbox,
  },
  ...hangingColumns,
  { name: 'memory kept afterwards', unit: 'MB', key: 'keptMb', because: ofOptimizing },
  { name: 'CPU of the main thread', unit: 'ms', key: 'mainCpuMs' },
  {
    name: 'CPU of all other threads',
    unit: 'ms',
    key: 'otherCpuMs',
    target: { plus: 60, of: floor },
    because: ofOptimizing,
  },
  { name: 'requests', unit: 'requests', key: 'requests' },
  { name: 'bytes sent', unit: 'bytes', key: 'bytes' },
];

function toRows(
  what: string,
  samples: Samples,
  ofOthers: { readonly [name: string]: readonly Flush[] },
  columns: readonly Column[],
): readonly Row[] {
  return columns.map(({ name, key, ...column }) => ({
    ...column,
    what: `${what}: ${name}`,
    ours: medianOf(samples.ours, key),
    published: medianOf(samples.published, key),
    beside: Object.fromEntries(
      Object.entries(ofOthers).map(([other, flushes]) => [other, medianOf(flushes, key)]),
    ),
  }));
}
